import { expect, test } from 'vitest';
import { buildModel, ModelOptions } from '#downstream/models.ts';
import { type Times, timesProblems } from '#downstream/times.ts';
import { parser } from '#kit/schema/parser.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { capacityOf } from '#lab/experiment/limits/capacity.ts';
import { latenciesOf } from '#lab/experiment/limits/latency.ts';

const lognormal = { kind: 'lognormal', p50Ms: 40, p99Ms: 200 } as const;
const histogram = {
  kind: 'histogram',
  buckets: [
    { toMs: 10, count: 50 },
    { toMs: 20, count: 0 },
    { toMs: 60, count: 50 },
  ],
} as const;

const model = (options: object): ModelOptions => parser(ModelOptions)(options);

test.each(['congestion', 'queue', 'fixed'])('times replace the own time of the model %s', (kind) => {
  const measured = latenciesOf({ model: model({ kind, times: lognormal }) });
  expect(Math.abs(measured.quantileMs(0.5) / 40 - 1)).toBeLessThan(0.02);
  expect(Math.abs(measured.quantileMs(0.99) / 200 - 1)).toBeLessThan(0.05);
});

test('a histogram has the times of its buckets, and none of an empty one', () => {
  const { quantileMs } = latenciesOf({ model: model({ kind: 'fixed', times: histogram }) });
  expect([0.25, 0.49, 0.51, 0.75].map((share) => Math.round(quantileMs(share)))).toEqual([5, 10, 21, 40]);
});

test('the most attempts per second follow from the mean of the times', () => {
  const downstream = { model: model({ kind: 'queue', servers: 10, times: histogram }) };
  const { perSecond } = capacityOf({ ...downstream, deadlines: 'ignore', abandonOnAbort: false }, 1000);
  expect(perSecond).toBeCloseTo(10_000 / (0.5 * 5 + 0.5 * 40), 1);
});

test.each([
  [{ ...lognormal, p99Ms: 39 }, '/p99Ms'],
  [
    {
      kind: 'histogram',
      buckets: [
        { toMs: 9, count: 1 },
        { toMs: 9, count: 1 },
      ],
    } as const,
    '/buckets/1/toMs',
  ],
  [{ kind: 'histogram', buckets: [{ toMs: 9, count: 0 }] }, '/buckets'],
  [lognormal, undefined],
  [{ ...lognormal, p99Ms: 40 }, undefined],
  [
    {
      kind: 'histogram',
      buckets: [
        { toMs: 9, count: 0 },
        { toMs: 9.1, count: 1 },
      ],
    } as const,
    undefined,
  ],
])('problems of %j are at %s', (times, pointer) => {
  expect(timesProblems(times as Times).at(0)?.pointer).toBe(pointer);
});

test('rate-limit accepts a burst and then its rate, and answers 429 with Retry-After to the rest', async () => {
  const clock = new VirtualClock();
  const options = { kind: 'rate-limit', ratePerSecond: 10, burst: 2, latencyMs: 5, retryAfterMs: 700 };
  const limited = buildModel(model(options), clock);
  const outcome = () => limited(1, () => 0.5);
  const accepted = { latencyMs: 5, failed: false };
  const refused = { latencyMs: 0, failed: true, status: 429, retryAfterMs: 700 };
  expect([outcome(), outcome(), outcome()]).toEqual([accepted, accepted, refused]);
  await clock.advance(99.9);
  expect(outcome()).toEqual(refused);
  await clock.advance(0.1);
  expect([outcome(), outcome()]).toEqual([accepted, refused]);
  await clock.advance(10_000);
  expect([outcome(), outcome(), outcome()]).toEqual([accepted, accepted, refused]);
});

test('drawn times stay within the histogram and within an hour', () => {
  const drawn = (times: object, latency: number, angle = 0) =>
    buildModel(model({ kind: 'fixed', times }), new VirtualClock())(1, (purpose) =>
      purpose === 'angle' ? angle : latency,
    ).latencyMs;
  expect(drawn(histogram, 0)).toBe(0);
  expect(drawn(histogram, 1 - 2 ** -53)).toBeCloseTo(60, 9);
  expect(drawn(lognormal, 0)).toBe(40);
  expect(drawn({ kind: 'lognormal', p50Ms: 40, p99Ms: 3_600_000 }, 1 - 2 ** -53)).toBe(3_600_000);
  expect(drawn({ kind: 'lognormal', p50Ms: 40, p99Ms: 40 }, 0.99)).toBe(40);
});
