import { type Clock, systemClock } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { commandLine } from './command-line.ts';
import type { Guard } from './guard.ts';
import { type Ending, type Launched, launch, type Program } from './launch.ts';
import { niceness } from './priority.ts';

/** How to start a process of the testbed. */
export interface Command extends Program {
  /** Looks at a line of its output; what it returns means that the process is ready. */
  readonly ready: (line: string) => Ports | undefined;
}

export type Ports = Readonly<Record<string, number>>;

/** A process that is running and has said that it is ready. */
export interface Child extends Launched {
  readonly pid: number;
  readonly ports: Ports;
}

const readyWithinMs = 20_000;

/** Starts a process and waits until it is ready. Rejects with TestbedError when it ends first or takes too long. */
export async function startChild(
  command: Command,
  guard?: Guard,
  clock: Clock = systemClock,
): Promise<Child> {
  const { name, logFile } = command;
  const ready = Promise.withResolvers<Ports>();
  const hear = (line: string) => {
    const ports = command.ready(line);
    if (ports) ready.resolve(ports);
  };
  const launched = launch(command, { niceness: niceness.testbed, hear, guard, clock });
  const late = Promise.withResolvers<'late'>();
  const timer = clock.after(readyWithinMs, () => late.resolve('late'));
  const first = await Promise.race([ready.promise, launched.ended, late.promise]);
  clock.cancel(timer);
  if (first === 'late') {
    launched.kill('SIGKILL');
    throw new TestbedError(
      `${name}-not-ready`,
      `${name} was not ready within ${readyWithinMs / 1000} s; see ${logFile}`,
    );
  }
  if ('tail' in first) throw startError(name, first as Ending, logFile);
  return { ...launched, pid: launched.pid!, ports: first };
}

function startError(name: string, ending: Ending, logFile: string): TestbedError {
  const said = ending.tail.map(messageOf).filter((text) => text !== '');
  const inUse = said.find((text) => /address already in use/.test(text));
  if (inUse !== undefined) {
    const port = /\.\d+:(\d+)/.exec(inUse)?.[1];
    return new TestbedError(
      'port-in-use',
      `${name} needs port ${port}, which is in use. Is another testbed up? Then stop it with ${commandLine(['down'])} where it was started. Or end the program that listens there, or use other ports with --port-base`,
    );
  }
  const reason = said.at(-1) ?? 'it said nothing';
  return new TestbedError(`${name}-start-failed`, `${name} ended while starting: ${reason}; see ${logFile}`);
}

/** The words of a log line. */
function messageOf(line: string): string {
  try {
    return JSON.parse(line).msg ?? line;
  } catch {
    return line.trim();
  }
}
