import type { Random } from '#kit/random.ts';
import { strict } from '#kit/schema/schema.ts';
import { arrival, forMs, rate, scaleRates } from './arrival.ts';

/** Independent callers: exponentially distributed gaps −ln(1 − U) ÷ rate, seeded. */
export const poisson = arrival({
  options: strict(
    { ratePerSecond: rate('Requests per second on average.'), forMs: forMs() },
    { description: 'Many independent callers: random gaps, the same for the same seed.' },
  ),
  plan: ({ ratePerSecond, forMs }, random) => ({
    durationMs: forMs,
    scheduledAtMs: ratePerSecond > 0 ? randomly(ratePerSecond / 1000, forMs, random) : [],
  }),
  scale: scaleRates('ratePerSecond'),
});

function* randomly(ratePerMs: number, forMs: number, random: Random): Iterable<number> {
  const gapMs = () => -Math.log(1 - random()) / ratePerMs;
  for (let atMs = gapMs(); atMs < forMs; atMs += gapMs()) yield atMs;
}
