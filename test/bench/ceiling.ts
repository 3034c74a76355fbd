import { fc } from '@fast-check/vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { overloadedExperiment } from '#test/fixtures/overloaded-experiment.ts';
import { reached } from '#test/support/reached.ts';
import { type Bench, type Figure, figure } from './figure.ts';

const queue = { kind: 'queue', servers: 20, serviceMs: 50 };
const congestion = { kind: 'congestion', capacityRps: 200, baseLatencyMs: 40, jitterMs: 20, failureRatio: 0 };

/** Dependencies that serve about 400 attempts a second, 20 at a time. */
const models = {
  'constant times': { ...queue, service: 'constant' },
  congestion,
  'congestion with failures': { ...congestion, failureRatio: 0.1 },
  'lognormal times': { ...queue, times: { kind: 'lognormal', p50Ms: 43, p99Ms: 150 } },
  'exponential times': queue,
  'rate limit': { kind: 'rate-limit', ratePerSecond: 400, burst: 20, latencyMs: 50 },
};

/** Parts of a deadline for which the queue of a limit is long enough. */
const parts = [0, 0.6, 0.75, 0.85, 0.92];

const retry = { maxRetries: 5, backoff: { kind: 'constant', delayMs: 0 } };
const limited = (model: object, ratePerSecond: number, requests: number) =>
  parseExperiment(
    JSON.stringify({
      ...{ title: 'Ideal limits', deadlineMs: 1000, downstream: { model } },
      load: [{ arrivals: { kind: 'poisson', ratePerSecond, forMs: (1000 * requests) / ratePerSecond } }],
      variants: Object.fromEntries(
        parts.map((part, index) => [
          `limit-${index}`,
          { path: 'rpc', policies: [{ bulkhead: { concurrency: 20, queue: 400 * part } }, { retry }] },
        ]),
      ),
    }),
    'limited.yaml',
  );

/** Returns the distance of the best of several limits to the ceiling, as a part of the ceiling. */
async function distanceOf(model: object, ratePerSecond: number, requests: number): Promise<number> {
  const experiment = limited(model, ratePerSecond, requests);
  const parts: number[] = [];
  for (const name of Object.keys(experiment.variants)) {
    const { goodput, ceiling } = await reached(experiment, name);
    parts.push(goodput / ceiling);
  }
  return 1 - Math.max(...parts);
}

/** Simulates random experiments, none of which may exceed its ceiling, and measures the distance to ideal limits. */
export const bench: Bench = async (say, { amount = 10_000, seed }) => {
  const figures: Figure[] = [];
  for (const ratePerSecond of [500, 1000])
    for (const requests of [5000, 20_000, 80_000])
      for (const [name, model] of Object.entries(models)) {
        const what = `distance, ${name}, ${requests} requests at ${ratePerSecond}/s`;
        const percent = 100 * (await distanceOf(model, ratePerSecond, requests));
        say(`${what}: ${percent.toFixed(1)} %`);
        figures.push(figure(what, percent, '%', requests === 80_000 ? { atMost: 3 } : undefined));
      }
  let [exceeded, endless] = [0, 0];
  for (let done = 0; done < amount; done += 100) {
    const numRuns = Math.min(100, amount - done);
    for (const experiment of fc.sample(overloadedExperiment, { seed: seed + done, numRuns }))
      for (const name of Object.keys(experiment.variants)) {
        const { goodput, ceiling } = await reached(experiment, name).catch((error: Error) => {
          endless += 1;
          say(`${name}: ${error.message}`);
          return { goodput: 0, ceiling: 0 };
        });
        if (goodput <= ceiling) continue;
        exceeded += 1;
        say(`${name}: ${goodput} exceeds ${ceiling} in ${JSON.stringify(experiment)}`);
      }
    say(`${done + numRuns} of ${amount} experiments: ${exceeded} variants exceed their ceiling`);
  }
  return [
    ...figures,
    figure('variants without a simulation', endless, ''),
    figure(`variants above their ceiling, ${amount} experiments`, exceeded, '', { atMost: 0 }),
  ];
};
