import { drawFor } from '#kit/random.ts';
import { type Backoff, backoffMs } from '#policies/backoff.ts';

/**
 * The wait in ms before the next delivery, after `deliveries` that failed. Decorrelated jitter builds on the wait
 * before; nothing has to remember that one, since its luck can be drawn again.
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

/** Waits after which a refused event asks again: the delays of its backoff, each with a draw of its own. */
export function refusalDelays(backoff: Backoff, seed: number, id: string): () => number {
  let refusals = 0;
  let delayMs: number | undefined;
  return () => {
    const draw = drawFor(seed, id, refusals, 'refusal');
    delayMs = backoffMs(backoff, refusals++, draw, delayMs);
    return delayMs;
  };
}
