import { join } from 'node:path';
import { systemClock } from '#kit/clock.ts';
import { joinedFleet } from '#lab/agents/joined.ts';
import { readClock, type SendPing, summaryOf } from '#lab/evidence/clocks.ts';
import { startCompose } from '#lab/testbed/compose/compose.ts';
import { controlsOf, processesIn } from '#lab/testbed/control.ts';
import { natsServerCommand } from '#lab/testbed/local/commands.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { startChild } from '#lab/testbed/process/launch.ts';
import { labProgram } from '#lab/testbed/process/programs.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import { type Bench, benchFolder, type Figure, figure, median } from './figure.ts';
import { withDocker } from './with-docker.ts';

const rounds = 10;

/**
 * Reads the clocks of all processes of this machine: services in processes and in containers, and a load agent. They
 * read one clock, so the true offset is 0. The pings alone must find that within their error.
 */
export const bench: Bench = async (say, options) => {
  using folder = benchFolder();
  const logFolder = folder.path;
  const here = await ofServices(await startLocal({ logFolder }), (pings) =>
    measure('same machine', pings, 0.2, say),
  );
  const agent = await ofAgent(logFolder, (pings) => measure('load agent', pings, 0.2, say));
  const there = await withDocker(async () =>
    ofServices(await startCompose({ logFolder }), (pings) => measure('containers', pings, 1, say)),
  )(say, options);
  return [...here, ...agent, ...there];
};

type Measure = (pings: readonly SendPing[]) => Promise<Figure[]>;

async function ofServices(testbed: Testbed, measure: Measure): Promise<Figure[]> {
  const controls = controlsOf(testbed);
  try {
    return await measure(
      processesIn(controls).map(
        ([, port]) =>
          () =>
            port.ping(),
      ),
    );
  } finally {
    await Promise.all(Object.values(controls).map((control) => control?.close()));
    await testbed.stop();
  }
}

async function ofAgent(folder: string, measure: Measure): Promise<Figure[]> {
  const guard = new Guard();
  try {
    const files = [join(folder, 'jetstream'), join(folder, 'agents-nats.log')] as const;
    const { ports } = await startChild(natsServerCommand(-1, ...files), guard);
    const url = `nats://127.0.0.1:${ports.client}`;
    await startChild(
      {
        name: 'agent',
        file: process.execPath,
        args: [labProgram('lab'), 'agent', '--at', url],
        logFile: join(folder, 'agent.log'),
        ready: (line) => (line.includes('has joined') ? {} : undefined),
      },
      guard,
    );
    const fleet = await joinedFleet({ url });
    const { pings } = await fleet.open({ logFolder: folder, guard, env: {} });
    return await measure([...pings!.values()]).finally(() => fleet.release());
  } finally {
    await guard.release();
  }
}

async function measure(
  name: string,
  pings: readonly SendPing[],
  atMost: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const byPings: { offsetMs: number; errorMs: number }[] = [];
  const used: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const ping of pings) {
      // Without an id, the pings alone decide.
      const reading = await readClock(ping, systemClock, undefined);
      byPings.push(reading);
      const shared = await readClock(ping, systemClock, reading.clockId);
      used.push(summaryOf([shared]).errorMs);
    }
  }
  const errors = byPings.map(({ errorMs }) => errorMs).sort((a, b) => a - b);
  say(`${name}: ±${errors[0]!.toFixed(3)} to ±${errors.at(-1)!.toFixed(3)} ms by pings alone`);
  const exceeded = Math.max(...byPings.map(({ offsetMs, errorMs }) => Math.abs(offsetMs) / errorMs));
  return [
    figure(`${name}: error`, Math.max(...used), 'ms', { atMost }),
    figure(`${name}: error by pings alone, median`, median(errors), 'ms'),
    figure(`${name}: largest true error ÷ stated error, by pings alone`, exceeded, '', { atMost: 1 }),
  ];
}
