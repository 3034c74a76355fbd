import { join } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Guard } from '#lab/testbed/process/guard.ts';
import { type Launched, launch } from '#lab/testbed/process/launch.ts';
import { niceness } from '#lab/testbed/process/priority.ts';

/** Where the logs of all containers are once the testbed has stopped. */
export const containersLog = (logFolder: string): string => join(logFolder, 'containers.log');

interface Options {
  readonly project: string;
  readonly logFolder: string;
  readonly guard: Guard;
  readonly clock: Clock;
  /** Hears of the end of a container by the name of its service, or that nothing more will be heard. */
  readonly hear: (service: string | undefined, error: TestbedError) => void;
}

/** Listens for containers of a project that end, until it is stopped. */
export function watchContainerEnds({ project, logFolder, guard, clock, hear }: Options): Launched {
  const filters = [`label=com.docker.compose.project=${project}`, 'event=die'];
  const events = launch(
    {
      name: 'docker-events',
      file: 'docker',
      args: [
        'events',
        '--format',
        '{{json .Actor.Attributes}}',
        ...filters.flatMap((each) => ['--filter', each]),
      ],
      env: process.env as Record<string, string>,
      logFile: join(logFolder, 'docker-events.log'),
    },
    {
      niceness: niceness.testbed,
      hear(line, from) {
        if (from === 'stderr') return;
        const { 'com.docker.compose.service': service = 'a container', exitCode } = JSON.parse(line);
        const how = `${service} ended with exit code ${exitCode} in the middle of the run; its log is in ${containersLog(logFolder)}`;
        hear(service, new TestbedError(`${service}-died`, how));
      },
      guard,
      clock,
    },
  );
  void events.ended.then(({ tail }) => {
    const why = tail.at(-1) ?? 'it said nothing';
    hear(undefined, new TestbedError('docker-lost', `Docker says no more which containers end: ${why}`));
  });
  return events;
}
