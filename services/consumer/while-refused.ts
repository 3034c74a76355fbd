import { sleep } from '#kit/clock.ts';
import { TooLate } from '#policies/deadline.ts';
import { type Call, Rejected } from '#policies/policy.ts';
import type { ConsumerConfig } from './config.ts';
import { attemptsOf, type Delivery } from './delivery.ts';
import type { Parts } from './handler.ts';
import { refusalDelays } from './redelivery.ts';

/** The consumer stops, is paused or configured while an event waits to ask its policies again. */
export class Hurried extends Error {
  override readonly name = 'Hurried';
}

/**
 * Makes the call, and asks again while its policies refuse it before any attempt, for up to `maxRefusedMs`. The event
 * keeps its place: so a refusal uses up no delivery, and a consumer whose breaker is open stops pulling. Rejects with
 * Hurried where the wait is cut short.
 */
export function whileRefused(
  call: Call,
  { redelivery, seed }: ConsumerConfig,
  { metrics, clock, held, giveUp }: Parts,
): (delivery: Delivery) => Promise<string> {
  const refusedRetries = metrics.counter('spillway_refused_retries_total');
  return async (delivery) => {
    const { message, work } = delivery;
    const delays = refusalDelays(redelivery.backoff, seed, work.id);
    let untilMs: number | undefined;
    for (;;) {
      try {
        return await call(work, giveUp);
      } catch (error) {
        const isRefusal = error instanceof Rejected && attemptsOf(delivery) === 0;
        if (!isRefusal || giveUp.aborted) throw error;
        if (message.info.deliveryCount > 1) refusedRetries.inc({ policy: error.policy });
        const nowMs = clock.now();
        untilMs ??= nowMs + redelivery.maxRefusedMs;
        if (error instanceof TooLate || nowMs >= untilMs) throw error;
        const delayMs = Math.min(untilMs - nowMs, Math.max(error.retryAfterMs ?? 0, delays()));
        await sleep(delayMs, clock, held.hurried).catch((cause) => {
          throw new Hurried('it asks no longer', { cause });
        });
      }
    }
  };
}
