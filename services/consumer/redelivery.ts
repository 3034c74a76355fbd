import { drawFor } from '#kit/random.ts';
import { type Backoff, backoffMs } from '#policies/backoff.ts';

/**
 * Returns the delay in ms before the next delivery, after `deliveries` that failed. Decorrelated jitter builds on the delay
 * before, which is computed again from its draw.
 */
export function redeliveryDelayMs(
  backoff: Backoff,
  seed: number,
  id: string,
  deliveries: number,
  attemptsPerDelivery: number,
): number {
  let delayMs: number | undefined;
  for (let delivery = 1; delivery <= deliveries; delivery++) {
    const draw = drawFor(seed, id, delivery * attemptsPerDelivery, 'backoff');
    delayMs = backoffMs(backoff, delivery - 1, draw, delayMs);
  }
  return delayMs ?? 0;
}

/** Returns a function that gives the delays of a backoff after refusals, each with a separate draw. */
export function refusalDelays(backoff: Backoff, seed: number, id: string): () => number {
  let refusals = 0;
  let delayMs: number | undefined;
  return () => {
    const draw = drawFor(seed, id, refusals, 'refusal');
    delayMs = backoffMs(backoff, refusals++, draw, delayMs);
    return delayMs;
  };
}
