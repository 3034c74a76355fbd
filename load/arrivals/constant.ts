import { strict } from '#kit/schema/schema.ts';
import { arrival, forMs, rate, scaleRates, wholeRequests } from './arrival.ts';

/** A request each 1/rate seconds, the first at once. */
export const constant = arrival({
  options: strict(
    { ratePerSecond: rate('Requests per second.'), forMs: forMs() },
    { description: 'Requests at equal intervals.' },
  ),
  plan({ ratePerSecond, forMs }) {
    const count = wholeRequests((ratePerSecond * forMs) / 1000);
    return { durationMs: forMs, count, scheduledAtMs: evenly(count, ratePerSecond) };
  },
  scale: scaleRates('ratePerSecond'),
});

function* evenly(count: number, ratePerSecond: number): Iterable<number> {
  for (let i = 0; i < count; i++) yield (i * 1000) / ratePerSecond;
}
