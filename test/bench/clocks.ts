import { systemClock } from '#kit/clock.ts';
import { summaryOf } from '#lab/evidence/clocks.ts';
import { readClock } from '#lab/testbed/clock-offset.ts';
import { startCompose } from '#lab/testbed/compose/compose.ts';
import { controlsOf, processesIn } from '#lab/testbed/control.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import { type Bench, benchFolder, type Figure, figure, median } from './figure.ts';
import { withDocker } from './with-docker.ts';

const rounds = 10;

/**
 * Reads the clocks of all processes, in processes and in containers of this machine. They read one clock, so the true
 * offset is 0. The pings alone must find that within their error, and it must not be much larger than the round trip.
 */
export const bench: Bench = async (say, options) => {
  using folder = benchFolder();
  const logFolder = folder.path;
  const here = await measure('same machine', await startLocal({ logFolder }), 0.2, say);
  const there = await withDocker(async () =>
    measure('containers', await startCompose({ logFolder }), 1, say),
  )(say, options);
  return [...here, ...there];
};

async function measure(
  name: string,
  testbed: Testbed,
  atMost: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const controls = controlsOf(testbed);
  try {
    const byPings: { offsetMs: number; errorMs: number }[] = [];
    const used: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const [, port] of processesIn(controls)) {
        // Without an id, the pings alone decide.
        const reading = await readClock(() => port.ping(), { clock: systemClock, id: undefined });
        byPings.push(reading);
        const shared = await readClock(() => port.ping(), { clock: systemClock, id: reading.clockId });
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
  } finally {
    await Promise.all(Object.values(controls).map((control) => control?.close()));
    await testbed.stop();
  }
}
