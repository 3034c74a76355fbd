import type { Static } from 'typebox';
import { ln } from '#kit/logarithm.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { documented, number, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

/** Returns a draw from [0, 1) for a purpose, the same in every run. */
export type Draw = (purpose: string) => number;

/** Longest duration of work, an hour, however high the overload is. */
export const msMax = 3_600_000;

/** Standard deviations between the median and the 99th percentile of a normal distribution. */
const p99Deviations = 2.3263;

const time = (description: string) => number({ above: 0, to: msMax }, description);

export const Times = tagged(
  'kind',
  {
    lognormal: documented('Mostly near `p50Ms`, with a long tail; at most an hour.', {
      p50Ms: time('Median.'),
      p99Ms: time('99th percentile.'),
    }),
    histogram: documented('Times as they were measured. Within a bucket, all are equally likely.', {
      buckets: Type.Array(
        strict({
          toMs: time('Longest time of the bucket. The shortest is that of the bucket before, or 0.'),
          count: number(
            { from: 0, to: 1e12 },
            'Number of calls in the bucket, without those of other buckets.',
          ),
        }),
        { minItems: 1, maxItems: 1000, description: 'Buckets, the shortest times first.' },
      ),
    }),
  },
  { description: "Distribution of an attempt's own time, in the place of the model's." },
);
export type Times = Static<typeof Times>;

/** Returns a function that draws a time in ms. */
export function drawnFrom(times: Times): (draw: Draw) => number {
  if (times.kind === 'lognormal') {
    const sigma = Math.log(times.p99Ms / times.p50Ms) / p99Deviations;
    return (draw) => lognormal(times.p50Ms, sigma, draw('latency'), draw('angle'));
  }
  let [total, fromMs] = [0, 0];
  const steps = times.buckets.map(({ toMs, count }) => {
    const step = { above: total, count, fromMs, toMs };
    total += count;
    fromMs = toMs;
    return step;
  });
  return (draw) => {
    const place = draw('latency') * total;
    const { above, count, fromMs, toMs } = steps.findLast((step) => step.above <= place && step.count > 0)!;
    return fromMs + ((place - above) / count) * (toMs - fromMs);
  };
}

/** Returns a lognormal time from two draws; at most an hour. */
export function lognormal(medianMs: number, sigma: number, draw: number, angle: number): number {
  // Box and Muller; 1 - U is never 0.
  const normal = Math.sqrt(-2 * ln(1 - draw)) * Math.cos(2 * Math.PI * angle);
  return Math.min(msMax, medianMs * Math.exp(sigma * normal));
}

/** Reports times that the schema can't refuse: percentiles or buckets in the wrong order, and empty histograms. */
export function timesProblems(times: Times): Problem[] {
  if (times.kind === 'lognormal') {
    const { p50Ms, p99Ms } = times;
    const message = `expected at least p50Ms (${p50Ms}), got ${p99Ms}`;
    return p99Ms >= p50Ms ? [] : [{ pointer: '/p99Ms', message }];
  }
  const { buckets } = times;
  const unordered = buckets.flatMap(({ toMs }, index) => {
    const beforeMs = buckets[index - 1]?.toMs ?? 0;
    const message = `expected more than the bucket before (${beforeMs}), got ${toMs}`;
    return toMs > beforeMs ? [] : [{ pointer: `/buckets/${index}/toMs`, message }];
  });
  const isEmpty = buckets.every(({ count }) => count === 0);
  return isEmpty && unordered.length === 0
    ? [{ pointer: '/buckets', message: 'expected at least one call in the buckets' }]
    : unordered;
}
