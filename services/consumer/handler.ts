import type { JsMsg } from '@nats-io/jetstream';
import { originOf } from '#kit/broker/dead-letter.ts';
import { tickBatch } from '#kit/broker/tick-batch.ts';
import { type Clock, wallTime } from '#kit/clock.ts';
import { readClass } from '#kit/http/request-class.ts';
import { timeLeft } from '#kit/http/time-left.ts';
import { readTraceparent } from '#kit/http/traceparent.ts';
import { type DeliveryReport, headers } from '#kit/wire.ts';
import { TooLate } from '#policies/deadline.ts';
import { maxAttempts, pipeline } from '#policies/pipeline.ts';
import type { Call, Work } from '#policies/policy.ts';
import { acknowledge, Unconfirmed } from './acknowledge.ts';
import type { ConsumerConfig } from './config.ts';
import { deadLetterOf, publishDeadLetter } from './dead-letters.ts';
import { attemptsOf, type Delivery } from './delivery.ts';
import type { HandlerParts } from './handler-parts.ts';
import type { Handle } from './intake.ts';
import { PastErrors, reasonOf } from './past-errors.ts';
import { isFirst } from './receipts.ts';
import { redeliveryDelayMs } from './redelivery.ts';
import { publishReport, reportOf } from './reports.ts';
import type { GoOn } from './succession.ts';
import { Hurried, whileRefused } from './while-refused.ts';

/**
 * Answers for one delivery: done, again later, or dead-lettered. The promise of `handle` frees the handler's place; it never
 * rejects. `goOn` does the same for a delivery that is counted already.
 */
export function handler(config: ConsumerConfig, parts: HandlerParts): { handle: Handle; goOn: GoOn } {
  const { metrics, log, held, giveUp } = parts;
  const { redelivery, seed } = config;
  const pastErrors = new PastErrors();
  const attemptsPerDelivery = maxAttempts(config.policies);
  const call = whileRefused(callOf(config, parts, pastErrors), config, parts);
  const retries = metrics.counter('spillway_retries_total');
  const backoff = metrics.histogram('spillway_backoff_seconds');
  const { done, dropped, deadLetter, deadLetteredBefore, givenBack } = endings(parts, pastErrors);

  const failed = async (delivery: Delivery, error: unknown) => {
    const { message, work } = delivery;
    const { deliveryCount } = message.info;
    // What is too late once, or was refused for too long, will not be in time again.
    const final = deliveryCount > redelivery.maxRetries || attemptsOf(delivery) === 0;
    if (final) {
      // Also before the last one, where it was too late then.
      const before = deliveryCount > 1 ? await deadLetteredBefore(delivery) : undefined;
      if (before) return before;
      const { last } = pastErrors.after(originOf(message), work.id);
      return error instanceof TooLate || !last
        ? deadLetter(delivery, reasonOf(error), error)
        : deadLetter(delivery, last.reason, last.error);
    }
    retries.inc();
    const delayMs = redeliveryDelayMs(redelivery.backoff, seed, work.id, deliveryCount, attemptsPerDelivery);
    backoff.observe(delayMs / 1000);
    // Not awaited: an event that waits for its next delivery must not keep a handler's place.
    givenBack(delivery, delayMs, redelivery.by);
    return 'retried';
  };

  const goOn: GoOn = async (message, uncounted) => {
    const { deliveryCount } = message.info;
    const work = workOf(message, attemptsPerDelivery, parts.clock);
    work.timedOut = pastErrors.after(originOf(message), work.id).last?.reason === 'timeout';
    const delivery = { message, work, uncounted, lastAttemptBefore: work.attempts };
    held.add(message);
    try {
      const interruptions = deliveryCount - (redelivery.maxRetries + 1);
      // Beyond the last one it may be buried already.
      const before = interruptions > 0 || uncounted ? await deadLetteredBefore(delivery) : undefined;
      if (before) return before;
      if (await isRepeated(message, parts)) return dropped(delivery);
      // Checked before the handler runs, for an event that kills the process each time.
      if (interruptions > interruptionsMax) {
        return await deadLetter(delivery, 'max-deliveries', 'delivered too often');
      }
      try {
        await call(delivery);
      } catch (error) {
        giveUp.throwIfAborted();
        if (error instanceof Hurried) {
          const next = await parts.succession.next();
          if (next) return next(message, uncounted);
          givenBack(delivery, 0);
          return 'returned';
        }
        return await failed(delivery, error);
      }
      return done(delivery);
    } catch (error) {
      log.warn({ err: error, sequence: message.seq }, 'an event goes back to the stream');
      givenBack(delivery, redeliverBrokenMs);
      return error instanceof Unconfirmed ? 'unconfirmed' : 'returned';
    }
  };

  return { handle: counted(goOn, parts), goOn };
}

/** The ways in which an event comes to its end, each with the result of that delivery. */
function endings({ broker, metrics, storage, held }: HandlerParts, pastErrors: PastErrors) {
  const deadLetters = metrics.counter('spillway_dead_letters_total');

  const report = (delivery: Delivery, outcome: DeliveryReport['outcome']) =>
    publishReport(broker, reportOf(delivery.message, delivery.uncounted, outcome, attemptsOf(delivery)));
  const end = ({ message, work }: Delivery) => {
    held.delete(message);
    pastErrors.forget(work.id);
  };

  const deadLetter = async (delivery: Delivery, reason: string, error: unknown) => {
    const { message, work } = delivery;
    const { id } = work;
    const origin = originOf(message);
    const lastError = String(error);
    const { firstError = lastError, history, attempts: before } = pastErrors.after(origin, id);
    const attempts = before + attemptsOf(delivery);
    const obituary = { id, reason, attempts, lastAttempt: work.attempts, firstError, lastError, history };
    await storage.following(publishDeadLetter(broker, message, obituary));
    return deadLettered(delivery, reason);
  };

  const deadLettered = async (delivery: Delivery, reason: string) => {
    await acknowledge(broker, delivery.message);
    end(delivery);
    deadLetters.inc({ reason });
    report(delivery, 'dead');
    return 'dead';
  };

  const done = (delivery: Delivery) => {
    delivery.message.ack();
    end(delivery);
    report(delivery, 'ok');
    return 'ok';
  };

  /** Another message stands for its event. */
  const dropped = (delivery: Delivery) => {
    delivery.message.ack();
    end(delivery);
    return 'duplicate';
  };

  /** Answers for an event that has been buried, only its acknowledgement got lost: it must not be done after all. */
  const deadLetteredBefore = async (delivery: Delivery) => {
    const letter = await deadLetterOf(broker, delivery.message);
    if (letter === 'withdrawn') return dropped(delivery);
    return letter && deadLettered(delivery, letter.reason);
  };

  const givenBack = (delivery: Delivery, delayMs: number, by?: 'consumer' | 'server') => {
    pastErrors.made(delivery.work.id, attemptsOf(delivery));
    report(delivery, 'redelivered');
    void held.giveBack(delivery.message, delayMs, by);
  };

  return { done, dropped, deadLetter, deadLetteredBefore, givenBack };
}

/** Whether another message was made of the same letter and taken before. */
async function isRepeated(message: JsMsg, { broker, storage }: HandlerParts): Promise<boolean> {
  const { letter } = originOf(message);
  return letter !== undefined && !(await storage.following(isFirst(broker, message, letter)));
}

/** Counts deliveries by the result that `handle` has for each, and the time that they take. */
function counted(handle: GoOn, parts: HandlerParts): Handle {
  const { metrics, clock } = parts;
  const deliveries = metrics.counter('spillway_deliveries_total');
  const duration = metrics.histogram('spillway_delivery_duration_seconds');
  const inFlight = metrics.gauge('spillway_deliveries_in_flight');
  return async (...delivery) => {
    const startedAtMs = clock.now();
    inFlight.inc();
    const result = await handle(...delivery);
    inFlight.dec();
    deliveries.inc({ result });
    duration.observe({ result }, (clock.now() - startedAtMs) / 1000);
  };
}

/** What is sent, through the policies. Resolves with all others that are answered by the end of a turn. */
function callOf({ policies, seed }: ConsumerConfig, parts: HandlerParts, pastErrors: PastErrors): Call {
  const { clock, show, slots } = parts;
  const guard = pipeline(policies, { clock, seed, emit: show(policies), slots });
  // Also around the policies, of which one may refuse before anything is sent.
  const call = pastErrors.noting(guard(pastErrors.noting(parts.send)));
  const nextTurn = tickBatch();
  return async (work, signal) => {
    const reply = await call(work, signal);
    await nextTurn();
    return reply;
  };
}

/**
 * Attempt numbers go on where those of the deliveries before can have ended at most: none is used twice, also after a
 * crash or a redrive, and some never, where a delivery was given back untried or its policies made fewer attempts than they may.
 * Only where the stream's consumer was deleted do they begin anew, with the broker's count of deliveries.
 */
function workOf(message: JsMsg, attemptsPerDelivery: number, clock: Clock): Work {
  const { id, lastAttempt } = originOf(message);
  return {
    id,
    body: message.string(),
    class: readClass(message.headers?.get(headers.class)),
    traceparent: readTraceparent(message.headers?.get(headers.traceparent)),
    callerDeadlineAtMs: deadlineOf(message, clock),
    attempts: lastAttempt + (message.info.deliveryCount - 1) * attemptsPerDelivery,
  };
}

/** Its time in the stream is taken from what its caller had left, by the calendars of the broker and of this machine. */
function deadlineOf(message: JsMsg, clock: Clock): number | undefined {
  const leftMs = timeLeft(message.headers?.get(headers.timeoutMs));
  if (leftMs === undefined) return undefined;
  return clock.now() + leftMs - (wallTime().getTime() - message.time.getTime());
}

/**
 * Deliveries that may come to no end, beyond those that may fail: a crash, or stopping with events in the buffer, uses up
 * a delivery of events that nobody has tried. So many cost an event its retries, but not the attempt at downstream
 * without which it must not be dead-lettered.
 */
const interruptionsMax = 5;

/** When the broker could not take a dead letter or an acknowledgement. */
const redeliverBrokenMs = 1000;
