import { sleep } from '#kit/clock.ts';
import { BudgetSpent } from '#policies/budget.ts';
import { TooLate } from '#policies/deadline.ts';
import { type Call, Rejected, TimedOut } from '#policies/policy.ts';
import type { ConsumerConfig } from './config.ts';
import { attemptsOf, type Delivery } from './delivery.ts';
import type { HandlerParts } from './handler-parts.ts';
import { refusalDelays } from './redelivery.ts';

/** The consumer stops, is paused or configured while an event waits to ask its policies again. */
export class Hurried extends Error {
  override readonly name = 'Hurried';
}

/**
 * Makes the call, and asks again while it comes to no attempt, for up to `maxRefusedMs`: while its policies refuse it, or
 * it times out in a queue of theirs. So neither uses up a delivery. The event keeps its place, so that a consumer whose
 * breaker is open stops pulling; but not where a budget refuses its retry, since only first attempts can fill that again.
 * Rejects with Hurried where the wait is cut short.
 */
export function whileRefused(
  call: Call,
  { redelivery, seed, concurrency }: ConsumerConfig,
  { metrics, clock, held, places, giveUp }: HandlerParts,
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
        const isUntried = attemptsOf(delivery) === 0;
        const isRefusal = error instanceof Rejected;
        if (!isUntried || !(isRefusal || error instanceof TimedOut) || giveUp.aborted) throw error;
        // One retry, however often it asks.
        if (isRefusal && untilMs === undefined && message.info.deliveryCount > 1)
          refusedRetries.inc({ policy: error.policy });
        const nowMs = clock.now();
        untilMs ??= nowMs + redelivery.maxRefusedMs;
        if (error instanceof TooLate || nowMs >= untilMs) throw error;
        const retryAfterMs = isRefusal ? error.retryAfterMs : undefined;
        const delayMs = Math.min(untilMs - nowMs, Math.max(retryAfterMs ?? 0, delays()));
        const wait = () =>
          sleep(delayMs, clock, held.hurried).catch((cause) => {
            throw new Hurried('it asks no longer', { cause });
          });
        await (error instanceof BudgetSpent ? places.aside(concurrency, wait) : wait());
      }
    }
  };
}
