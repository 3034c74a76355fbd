import type { Static } from 'typebox';
import { ln } from '#kit/logarithm.ts';
import type { Random } from '#kit/random.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { documented, integer, number } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { arrival, forMs, limits, rate, scaleRates, wholeRequests } from './arrival.ts';

function* times(count: number, atMs: (index: number) => number): Iterable<number> {
  for (let index = 0; index < count; index++) yield atMs(index);
}

export const constant = arrival({
  options: documented('Requests at equal intervals.', {
    ratePerSecond: rate('Requests per second.'),
    forMs: forMs(),
  }),
  plan({ ratePerSecond, forMs }) {
    const count = wholeRequests((ratePerSecond * forMs) / 1000);
    return { durationMs: forMs, count, scheduledAtMs: times(count, (i) => (i * 1000) / ratePerSecond) };
  },
  scale: scaleRates('ratePerSecond'),
});

/** Independent callers. The gaps −ln(1 − U) ÷ rate are exponentially distributed. The seed determines U. */
export const poisson = arrival({
  options: documented('Many independent callers: random gaps, which the seed determines.', {
    ratePerSecond: rate('Requests per second on average.'),
    forMs: forMs(),
  }),
  plan: ({ ratePerSecond, forMs }, random) => ({
    durationMs: forMs,
    scheduledAtMs: ratePerSecond > 0 ? randomly(ratePerSecond / 1000, forMs, random) : [],
  }),
  scale: scaleRates('ratePerSecond'),
});

function* randomly(ratePerMs: number, forMs: number, random: Random): Iterable<number> {
  const gapMs = () => -ln(1 - random()) / ratePerMs;
  for (let atMs = gapMs(); atMs < forMs; atMs += gapMs()) yield atMs;
}

const BurstsOptions = documented('Many requests at once, repeatedly.', {
  total: integer({ from: 1, to: limits.requests }, 'Number of requests in all.'),
  size: integer(
    { from: 1, to: limits.requests },
    'Number of requests in a burst. The last burst may be smaller.',
  ),
  everyMs: number(
    { above: 0, to: limits.durationMs },
    'Time from the start of a burst to the start of the next.',
  ),
  spreadMs: number(
    { from: 0, to: limits.durationMs },
    'Time over which a burst is spread evenly; at most `everyMs`.',
  ),
});

/** Request i of burst b is scheduled at b·every + i·spread ÷ size. */
export const bursts = arrival({
  options: BurstsOptions,
  check(options) {
    const { everyMs, spreadMs } = options;
    const expect = (isFine: boolean, pointer: string, expected: string, got: number): Problem[] =>
      isFine ? [] : [{ pointer, message: `expected ${expected}, got ${got}` }];
    const ms = burstsMs(options);
    return [
      ...expect(spreadMs <= everyMs, '/spreadMs', `a number <= everyMs, ${everyMs}`, spreadMs),
      ...expect(ms <= limits.durationMs, '/everyMs', `all bursts within ${limits.durationMs} ms`, ms),
    ];
  },
  plan(options) {
    const { total, size, everyMs, spreadMs } = options;
    const atMs = (i: number) => Math.floor(i / size) * everyMs + ((i % size) * spreadMs) / size;
    return { durationMs: burstsMs(options), count: total, scheduledAtMs: times(total, atMs) };
  },
  scale(options, factor) {
    const size = Math.max(1, Math.round(options.size * factor));
    // Keeps the number of bursts, and the size of the last burst relative to the others.
    return { ...options, size, total: Math.max(1, Math.round((options.total * size) / options.size)) };
  },
});

/** Returns the duration in whole intervals, so that a following phase of bursts keeps the rhythm. */
const burstsMs = ({ total, size, everyMs }: Static<typeof BurstsOptions>): number =>
  Math.ceil(total / size) * everyMs;

/** Rate that changes linearly. Request i is scheduled when the integrated rate N(t) = a·t + b·t² ÷ 2 reaches i. */
export const ramp = arrival({
  options: documented('A rate that rises or falls steadily.', {
    fromPerSecond: rate('Requests per second at the start.'),
    toPerSecond: rate('Requests per second at the end.'),
    forMs: forMs(),
  }),
  plan({ fromPerSecond, toPerSecond, forMs }) {
    const count = wholeRequests((((fromPerSecond + toPerSecond) / 2) * forMs) / 1000);
    const a = fromPerSecond / 1000;
    const b = (toPerSecond - fromPerSecond) / 1000 / forMs;
    // Root of N(t) = i, in a form that also holds for b = 0, and that is precise for a small b.
    const atMs = (i: number) => (i === 0 ? 0 : (2 * i) / (a + Math.sqrt(a * a + 2 * b * i)));
    return { durationMs: forMs, count, scheduledAtMs: times(count, atMs) };
  },
  scale: scaleRates('fromPerSecond', 'toPerSecond'),
});

/** Recorded times, which may be in any order. */
export const replay = arrival({
  options: documented('Arrivals recorded elsewhere.', {
    atMs: Type.Array(number({ from: 0, to: limits.durationMs }), {
      minItems: 1,
      maxItems: 100_000,
      description: 'Scheduled times after the start of the phase.',
    }),
  }),
  plan({ atMs }) {
    const scheduledAtMs = Float64Array.from(atMs).sort();
    return { durationMs: scheduledAtMs.at(-1)!, count: scheduledAtMs.length, scheduledAtMs };
  },
});
