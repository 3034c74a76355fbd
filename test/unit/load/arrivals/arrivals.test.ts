import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { stream } from '#kit/random.ts';
import { parser } from '#kit/schema/parser.ts';
import { limits, wholeRequests } from '#load/arrivals/arrival.ts';
import { Arrivals, checkArrivals, isScalable, planArrivals, scaleArrivals } from '#load/arrivals/kinds.ts';

const parse = parser(Arrivals);
const plan = (options: object, seed = 1) => planArrivals(parse(options), stream(seed, 'test'));
const scheduledAtMs = (options: object, seed = 1) => [...plan(options, seed).scheduledAtMs];

const constant = (ratePerSecond: number, forMs = 1000) => ({ kind: 'constant', ratePerSecond, forMs });
const bursts = (total: number, size: number, everyMs: number, spreadMs: number) => ({
  ...{ kind: 'bursts', total, size, everyMs, spreadMs },
});
const ramp = (fromPerSecond: number, toPerSecond: number) => ({
  ...{ kind: 'ramp', fromPerSecond, toPerSecond, forMs: 1000 },
});
const half = 500 * Math.SQRT2;

test.each([
  ['constant: the first at once, every 1000 ÷ rate ms, none at the end', constant(4), [0, 250, 500, 750]],
  ['constant: a request for the rest of the time that is no whole interval', constant(4, 501), [0, 250, 500]],
  ['constant: none at rate 0', constant(0), []],
  ['poisson: none at rate 0', { ...constant(0), kind: 'poisson' }, []],
  ['bursts: i·spread ÷ size after their start', bursts(8, 4, 80, 20), [0, 5, 10, 15, 80, 85, 90, 95]],
  ['bursts: the last one is cut short, not its spacing', bursts(6, 4, 80, 20), [0, 5, 10, 15, 80, 85]],
  ['bursts: all at once without a spread', bursts(3, 2, 80, 0), [0, 0, 80]],
  ['ramp: as constant when nothing changes', ramp(4, 4), [0, 250, 500, 750]],
  ['ramp from 0: request i when 4t² = i, at √i ÷ 2 seconds', ramp(0, 8), [0, 500, half, 500 * Math.sqrt(3)]],
  // The integral of the rate is 8t − 4t², so request i is scheduled at 1 − √(1 − i ÷ 4) seconds.
  ['ramp to 0', ramp(8, 0), [0, 1000 - 500 * Math.sqrt(3), 1000 - half, 500]],
  ['ramp: none from 0 to 0', ramp(0, 0), []],
  ['replay: as recorded, but in order', { kind: 'replay', atMs: [30, 10.5, 20, 10.5] }, [10.5, 10.5, 20, 30]],
])('planArrivals, %s', (_sentence, options, expected) => {
  expect(scheduledAtMs(options)).toEqual(expected.map((ms) => expect.closeTo(ms, 3)));
});

test.each([
  ['constant lasts as long as it says', constant(1, 70), 70],
  ['bursts last whole intervals, so that what follows keeps the beat', bursts(2000, 350, 80, 20), 480],
  ['replay lasts until its last request', { kind: 'replay', atMs: [30, 10] }, 30],
])('planArrivals: %s', (_sentence, options, expected) => {
  expect(plan(options).durationMs).toBe(expected);
});

test('poisson: gaps are exponential, so mean and standard deviation are 1000 ÷ rate', () => {
  const all = scheduledAtMs({ kind: 'poisson', ratePerSecond: 1000, forMs: 100_000 });
  const gaps = all.slice(1).map((ms, i) => ms - all[i]!);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(mean).toBeCloseTo(1, 1);
  expect(Math.sqrt(variance)).toBeCloseTo(1, 1);
});

const forMs = fc.integer({ min: 1, max: 5000 });
// Tenths, so that no count is within the rounding of `wholeRequests`, a millionth.
const rate = fc.integer({ min: 0, max: 20_000 }).map((tenths) => tenths / 10);
const any = fc.oneof(
  fc.record({ kind: fc.constant('constant'), ratePerSecond: rate, forMs }),
  fc.record({ kind: fc.constant('poisson'), ratePerSecond: rate, forMs }),
  fc.record({ kind: fc.constant('ramp'), fromPerSecond: rate, toPerSecond: rate, forMs }),
  fc
    .record({
      kind: fc.constant('bursts'),
      total: fc.integer({ min: 1, max: 5000 }),
      size: fc.integer({ min: 1, max: 500 }),
      everyMs: forMs,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ share, ...bursts }) => ({ ...bursts, spreadMs: share * bursts.everyMs })),
  fc.record({
    kind: fc.constant('replay'),
    atMs: fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 100 }),
  }),
);

test.prop([any])('any kind: ascending, within the phase, as many as it says', (options) => {
  const { count, durationMs, scheduledAtMs } = plan(options);
  let previousMs = 0;
  let counted = 0;
  for (const ms of scheduledAtMs) {
    counted += 1;
    if (!(ms >= previousMs && ms <= durationMs)) expect.fail(`${ms} after ${previousMs} of ${durationMs}`);
    previousMs = ms;
  }
  expect(counted).toBe(count ?? counted);
});

test.prop([rate, rate, forMs])('ramp: request i is due when the integrated rate reaches i', (a, b, ms) => {
  const all = scheduledAtMs({ kind: 'ramp', fromPerSecond: a, toPerSecond: b, forMs: ms });
  const requestsBy = (t: number) => (a * t + ((b - a) / ms) * (t * t * 0.5)) / 1000;
  expect(all).toHaveLength(wholeRequests(requestsBy(ms)));
  const worst = all.reduce((most, t, i) => Math.max(most, Math.abs(requestsBy(t) - i)), 0);
  expect(worst).toBeLessThan(1e-3);
});

describe('checkArrivals', () => {
  test.each([
    ['a burst may be spread until the next one, not beyond', bursts(8, 4, 80, 81), '/spreadMs'],
    ['bursts may not take longer than any phase', bursts(1001, 1, limits.durationMs / 1000, 0), '/everyMs'],
  ])('%s', (_sentence, options, pointer) => {
    expect(checkArrivals(parse(options))).toEqual([
      { pointer, message: expect.stringMatching(/^expected /) },
    ]);
  });

  test.each([bursts(1000, 1, limits.durationMs / 1000, 80), { kind: 'replay', atMs: [1] }, constant(4)])(
    'accepts $kind at the bound',
    (options) => {
      expect(checkArrivals(parse(options))).toEqual([]);
    },
  );
});

describe('Arrivals', () => {
  test.each([
    ['a rate of 100,000 a second is the limit', constant(100_000.1, 1)],
    ['a phase lasts a day at most', constant(1, limits.durationMs + 1)],
    ['a phase takes some time', { ...constant(1, 0), kind: 'poisson' }],
    ['no rate is negative', ramp(-1, 1)],
    ['10,000,000 requests are the limit', bursts(1e7 + 1, 1, 1, 0)],
    ['there is no other kind', { kind: 'drizzle' }],
  ])('%s', (_sentence, options) => {
    expect(() => parse(options)).toThrow(/expected/);
  });
});

test.each([constant(40), { ...constant(4000), kind: 'poisson' }, bursts(50, 20, 80, 20), ramp(10, 70)])(
  '$kind at half the rate: half the requests in the same time',
  (options) => {
    const half = scaleArrivals(parse(options), 0.5);
    const [whole, scaled] = [parse(options), half].map((each) => planArrivals(each, stream(1, 'test')));
    expect(scaled!.durationMs).toBe(whole!.durationMs);
    const ratio = [...scaled!.scheduledAtMs].length / [...whole!.scheduledAtMs].length;
    if (options.kind === 'poisson') expect(ratio).toBeCloseTo(0.5, 1);
    else expect(ratio).toBe(0.5);
  },
);

test('a recording has no other rate than its own', () => {
  const replay = parse({ kind: 'replay', atMs: [1, 2, 3] });
  expect(isScalable(replay)).toBe(false);
  expect(scaleArrivals(replay, 2)).toBe(replay);
});
