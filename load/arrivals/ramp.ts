import { strict } from '#kit/schema/schema.ts';
import { arrival, forMs, rate, scaleRates, wholeRequests } from './arrival.ts';

/** Rate that changes linearly. Request i is due when the integrated rate N(t) = a·t + b·t² ÷ 2 reaches i. */
export const ramp = arrival({
  options: strict(
    {
      fromPerSecond: rate('Requests per second at the start.'),
      toPerSecond: rate('Requests per second at the end.'),
      forMs: forMs(),
    },
    { description: 'A rate that rises or falls steadily.' },
  ),
  plan({ fromPerSecond, toPerSecond, forMs }) {
    const count = wholeRequests((((fromPerSecond + toPerSecond) / 2) * forMs) / 1000);
    const a = fromPerSecond / 1000;
    const b = (toPerSecond - fromPerSecond) / 1000 / forMs;
    return { durationMs: forMs, count, scheduledAtMs: changing(count, a, b) };
  },
  scale: scaleRates('fromPerSecond', 'toPerSecond'),
});

/** Yields the roots of N(t) = i, in a form that also holds for b = 0 and loses no digits if b is small. */
function* changing(count: number, a: number, b: number): Iterable<number> {
  if (count > 0) yield 0;
  for (let i = 1; i < count; i++) yield (2 * i) / (a + Math.sqrt(a * a + 2 * b * i));
}
