import { drawFor } from '#kit/random.ts';
import { type Backoff, backoffMs } from '#policies/backoff.ts';

/** Returns a function that returns the next delay of a backoff. Decorrelated jitter depends on the previous delay. */
function delaysOf(backoff: Backoff, draw: (before: number) => number): () => number {
  let before = 0;
  let delayMs: number | undefined;
  return () => {
    delayMs = backoffMs(backoff, before, draw(before), delayMs);
    before += 1;
    return delayMs;
  };
}

/** Returns the delay in ms before the next delivery, after `deliveries` failed ones. */
export function redeliveryDelayMs(
  backoff: Backoff,
  seed: number,
  id: string,
  deliveries: number,
  attemptsPerDelivery: number,
): number {
  const draw = (before: number) => drawFor(seed, id, (before + 1) * attemptsPerDelivery, 'backoff');
  const next = delaysOf(backoff, draw);
  return Array.from({ length: deliveries }, next).at(-1) ?? 0;
}

/** Returns a function that returns the next delay after a refusal. Each delay has a separate draw. */
export const refusalDelays = (backoff: Backoff, seed: number, id: string): (() => number) =>
  delaysOf(backoff, (before) => drawFor(seed, id, before, 'refusal'));
