import type { Static } from 'typebox';
import { positive, strict } from '#kit/schema/schema.ts';
import { arrival, forMs, limits, rate, scaleRates, wholeRequests } from './arrival.ts';

const SineOptions = strict(
  {
    meanPerSecond: rate('Requests per second on average.'),
    amplitudePerSecond: rate('How far the rate swings to either side; at most the mean.'),
    periodMs: positive(limits.durationMs, 'From peak to peak.'),
    forMs: forMs(),
  },
  { description: 'A rate that oscillates around a mean, rising first, such as day and night in short.' },
);
type SineOptions = Static<typeof SineOptions>;

/** rate(t) = mean + amplitude·sin(2πt ÷ period). Request i is due when the integrated rate reaches i. */
export const sine = arrival({
  options: SineOptions,
  check({ meanPerSecond, amplitudePerSecond }) {
    if (amplitudePerSecond <= meanPerSecond) return [];
    const message = `expected a number <= meanPerSecond, ${meanPerSecond}, got ${amplitudePerSecond}`;
    return [{ pointer: '/amplitudePerSecond', message }];
  },
  plan(options) {
    const count = wholeRequests(integrated(options)(options.forMs));
    return { durationMs: options.forMs, count, scheduledAtMs: swinging(options, count) };
  },
  scale: scaleRates('meanPerSecond', 'amplitudePerSecond'),
});

/** N(t) = mean·t + amplitude·period ÷ 2π · (1 − cos(2πt ÷ period)), in requests. */
function integrated({ meanPerSecond, amplitudePerSecond, periodMs }: SineOptions): (tMs: number) => number {
  const turnsPerMs = (2 * Math.PI) / periodMs;
  const swing = amplitudePerSecond / 1000 / turnsPerMs;
  return (tMs) => (meanPerSecond / 1000) * tMs + swing * (1 - Math.cos(turnsPerMs * tMs));
}

const precisionMs = 1e-4;

/** N has no inverse in closed form, but it never falls and is at most 2·swing above the mean: bisection. */
function* swinging(options: SineOptions, count: number): Iterable<number> {
  const requestsBy = integrated(options);
  const perMs = options.meanPerSecond / 1000;
  const twoSwings = ((options.amplitudePerSecond / 1000) * options.periodMs) / Math.PI;
  let atMs = 0;
  for (let i = 0; i < count; i++) {
    let low = Math.max(atMs, (i - twoSwings) / perMs);
    let high = Math.max(atMs, Math.min(options.forMs, i / perMs));
    while (high - low > precisionMs) {
      const middle = (low + high) / 2;
      if (requestsBy(middle) < i) low = middle;
      else high = middle;
    }
    atMs = high;
    yield atMs;
  }
}
