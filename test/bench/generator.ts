import { join } from 'node:path';
import { readRecord } from '#lab/evidence/requests.ts';
import { percentiles } from '#lab/judge/figures/figures.ts';
import { nodeOptions } from '#lab/world/process/bundle.ts';
import type { Phase } from '#load/phases.ts';
import type { Summary } from '#load/protocol.ts';
import { type Bench, benchFolder, figure, inRounds, median } from './figure.ts';
import { Process } from './process.ts';

const burst = { kind: 'bursts', total: 7000, size: 350, everyMs: 80, spreadMs: 20 } as const;
const steady = { kind: 'constant', ratePerSecond: 2000, forMs: 10_000 } as const;
const rounds = 3;

/** CPU time per request, and p99 of the send lag: the time by which a request was sent too late. */
interface Cost {
  readonly cpuUs: number;
  readonly lagMs: number;
}

/** Measures the CPU time, send lag and memory of the generator, with a server that only answers. */
export const bench: Bench = async (say) => {
  await using echo = Process.start(new URL('./echo.ts', import.meta.url), ['8']);
  const url = `http://127.0.0.1:${await echo.line()}`;

  using folder = benchFolder();
  /** Sends a load from a separate generator process, after a warm-up. Resolves with the generator's summary. */
  const measure = async (
    arrivals: Phase['arrivals'],
    connections: number,
    recordFile = '/dev/null',
  ): Promise<Summary> => {
    await using generator = Process.start(new URL('../../load/main.ts', import.meta.url), [], nodeOptions);
    const target = { path: 'rpc', url, connections };
    await generator.ask({ do: 'warm', ...target, requests: 10_000, concurrency: 50 }, 'warm');
    const run = { do: 'run', ...target, seed: 1, deadlineMs: 1000, drainMs: 5000, recordFile };
    return await generator.ask({ ...run, load: [{ arrivals }] }, 'ended');
  };
  const costs = (arrivals: Phase['arrivals'], connections: number): Promise<Cost[]> => {
    const recordFile = join(folder.path, 'requests.csv');
    const cost = async () => {
      const summary = await measure(arrivals, connections, recordFile);
      const lagMs = percentiles((await readRecord(recordFile, summary.planned)).sentMs())!.p99Ms;
      return { cpuUs: cpuUs(summary), lagMs };
    };
    const textOf = ({ cpuUs, lagMs }: Cost) =>
      `${arrivals.kind}: ${cpuUs.toFixed(1)} µs, lag p99 ${lagMs} ms`;
    return inRounds(rounds, cost, say, textOf);
  };

  const steadily = await costs(steady, 200);
  const inBursts = await costs(burst, 2000);
  const few = await measure({ kind: 'constant', ratePerSecond: 10_000, forMs: 1000 }, 1000);
  say('a million requests, which takes 100 s');
  const many = await measure({ kind: 'constant', ratePerSecond: 10_000, forMs: 100_000 }, 1000);
  return [
    figure('CPU per request at 2,000/s', median(steadily.map(({ cpuUs }) => cpuUs)), 'µs', { atMost: 40 }),
    figure('CPU per request in bursts', median(inBursts.map(({ cpuUs }) => cpuUs)), 'µs', { atMost: 40 }),
    figure('send lag p99 at 2,000/s', median(steadily.map(({ lagMs }) => lagMs)), 'ms'),
    figure('send lag p99 in bursts', median(inBursts.map(({ lagMs }) => lagMs)), 'ms', { atMost: 5 }),
    figure('memory, 10⁶ requests beyond 10⁴', (many.rssPeakBytes - few.rssPeakBytes) / 1024 ** 2, 'MB', {
      atMost: 64,
    }),
  ];
};

const cpuUs = ({ cpuMs, offered }: Summary): number => (cpuMs * 1000) / offered;
