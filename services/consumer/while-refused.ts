import { sleep } from '#kit/clock.ts';
import { BudgetSpent } from '#policies/budget.ts';
import { TooLate } from '#policies/deadline.ts';
import { type Call, Rejected, TimedOut } from '#policies/policy.ts';
import type { ConsumerConfig } from './config.ts';
import { attemptsOf, type Delivery, type HandlerParts } from './delivery.ts';
import { refusalDelays } from './redelivery.ts';

/** Thrown if the consumer stops, pauses or changes its configuration while a refused event waits. */
export class Hurried extends Error {
  override readonly name = 'Hurried';
}

/**
 * Makes the call, and repeats it for up to `maxRefusedMs` while it makes no attempt: policies refuse it, or it times out in
 * their queue. So neither uses up a delivery. The event keeps its slot, so that a consumer whose breaker is open stops
 * pulling. If a budget refuses, it frees the slot, since only first attempts can refill the budget. Rejects with Hurried
 * if the wait is cut short.
 */
export function whileRefused(
  call: Call,
  { redelivery, seed, concurrency }: ConsumerConfig,
  { metrics, clock, inFlight, handlerSlots, giveUp }: HandlerParts,
): (delivery: Delivery) => Promise<string> {
  const refusedRetries = metrics.counter('spillway_refused_retries_total');
  return async (delivery) => {
    const { work } = delivery;
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
        if (isRefusal && untilMs === undefined && delivery.hasFailed)
          refusedRetries.inc({ policy: error.policy });
        const nowMs = clock.now();
        untilMs ??= nowMs + redelivery.maxRefusedMs;
        if (error instanceof TooLate || nowMs >= untilMs) throw error;
        const retryAfterMs = isRefusal ? error.retryAfterMs : undefined;
        const delayMs = Math.min(untilMs - nowMs, Math.max(retryAfterMs ?? 0, delays()));
        const wait = () =>
          sleep(delayMs, clock, inFlight.hurried).catch((cause) => {
            throw new Hurried('it asks no longer', { cause });
          });
        await (error instanceof BudgetSpent ? handlerSlots.aside(concurrency, wait) : wait());
      }
    }
  };
}
