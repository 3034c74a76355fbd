import type { Broker, Delivered } from '#kit/broker/client.ts';
import { type Origin, originOf, textIn } from '#kit/broker/dead-letter.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { readClass, readTraceparent, timeLeft } from '#kit/http/request.ts';
import type { Storage } from '#kit/process/storage.ts';
import { drawFor } from '#kit/random.ts';
import type { ServiceParts } from '#kit/service.ts';
import { type DeliveryReport, headers } from '#kit/wire.ts';
import { backoffMs } from '#policies/backoff.ts';
import { BudgetSpent } from '#policies/budget.ts';
import { TooLate } from '#policies/deadline.ts';
import { pipeline } from '#policies/pipeline.ts';
import { type Call, type Policy, Rejected, TimedOut, type Work } from '#policies/policy.ts';
import type { policyMetrics } from '#policies/policy-metrics.ts';
import { acknowledge, publishReport, Unconfirmed } from './acknowledge.ts';
import type { ConsumerConfig } from './config.ts';
import { deadLetterOf, publishDeadLetter } from './dead-letters.ts';
import { Hurried, type InFlight } from './in-flight.ts';
import type { Handle } from './intake.ts';
import { PastErrors, reasonOf } from './past-errors.ts';
import type { HandlerSlots } from './slots.ts';

interface Delivery {
  readonly message: Delivered;
  readonly origin: Origin;
  readonly work: Work;
  /** Highest number that an attempt of an earlier delivery can have. */
  readonly lastAttemptBefore: number;
  /** True if this consumer has seen an attempt of the event fail. */
  readonly hasFailed: boolean;
}

const attemptsOf = ({ work, lastAttemptBefore }: Delivery): number => work.attempts - lastAttemptBefore;

interface HandlerParts extends Pick<ServiceParts, 'log' | 'metrics'> {
  readonly broker: Broker;
  readonly send: Call;
  readonly show: ReturnType<typeof policyMetrics>;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly inFlight: InFlight;
  readonly handlerSlots: HandlerSlots;
  /** Most attempts that any delivery of an event in flight can make. */
  readonly attemptsPerDelivery: number;
  /** Aborts when the consumer stops waiting for its handlers. Their deliveries then go back to the stream. */
  readonly giveUp: AbortSignal;
  /** User's client, which replaces the policies. */
  readonly guard?: Policy | undefined;
}

/** Returns a function that handles a delivery to its end. It never rejects. The intake frees the slot afterwards. */
export function handler(config: ConsumerConfig, parts: HandlerParts): Handle {
  const { metrics, log, inFlight, giveUp, attemptsPerDelivery } = parts;
  const { redelivery, seed } = config;
  const pastErrors = new PastErrors();
  const call = whileRefused(callOf(config, parts, pastErrors), config, parts, pastErrors);
  const retries = metrics.counter('spillway_retries_total');
  const backoff = metrics.histogram('spillway_backoff_seconds');
  const { finished, deadLetter, deadLetteredBefore, givenBack } = endings(parts, pastErrors);

  const failed = async (delivery: Delivery, error: unknown) => {
    const { message, origin, work } = delivery;
    const { deliveryCount } = message.info;
    // Without an attempt, the event was too late or refused for too long. Another delivery would not help.
    const isFinal = deliveryCount > redelivery.maxRetries || attemptsOf(delivery) === 0;
    if (isFinal) {
      // An earlier delivery may have dead-lettered the event, e.g. because too little time was left for an attempt.
      const before = deliveryCount > 1 ? await deadLetteredBefore(delivery) : undefined;
      if (before) return before;
      const { last } = pastErrors.after(origin, work.id);
      return error instanceof TooLate || !last
        ? deadLetter(delivery, reasonOf(error), error)
        : deadLetter(delivery, last.reason, last.error);
    }
    retries.inc();
    // As a retry after the last attempt of this delivery would.
    const draw = drawFor(seed, work.id, deliveryCount * attemptsPerDelivery, 'backoff');
    const delayMs = backoffMs(redelivery.backoff, deliveryCount - 1, draw);
    backoff.observe(delayMs / 1000);
    // Not awaited: an event that waits for its next delivery must not keep a slot.
    givenBack(delivery, delayMs, redelivery.by);
    return 'retried';
  };

  const handle = async (message: Delivered): Promise<string> => {
    const { deliveryCount } = message.info;
    const origin = originOf(message);
    const work = workOf(message, origin, attemptsPerDelivery, parts.clock);
    const { last } = pastErrors.after(origin, work.id);
    work.timedOut = last?.reason === 'timeout';
    const lastAttemptBefore = work.attempts;
    const delivery = { message, origin, work, lastAttemptBefore, hasFailed: last !== undefined };
    inFlight.add(message);
    try {
      const interruptions = deliveryCount - (redelivery.maxRetries + 1);
      // After its last regular delivery, the event may be dead-lettered already.
      const before = interruptions > 0 ? await deadLetteredBefore(delivery) : undefined;
      if (before) return before;
      // Checked before the call, since the event may kill the process each time.
      if (interruptions > interruptionsMax) {
        return await deadLetter(delivery, 'max-deliveries', 'delivered too often');
      }
      try {
        await call(delivery);
      } catch (error) {
        giveUp.throwIfAborted();
        if (error instanceof Hurried) {
          givenBack(delivery, 0);
          return 'returned';
        }
        return await failed(delivery, error);
      }
      return finished(delivery);
    } catch (error) {
      log.warn({ err: error, sequence: message.seq }, 'an event goes back to the stream');
      givenBack(delivery, redeliverBrokenMs);
      return error instanceof Unconfirmed ? 'unconfirmed' : 'returned';
    }
  };

  return counted(handle, parts);
}

/**
 * Makes the call. While policies refuse it, or it times out in their queue, repeats it for up to `maxRefusedMs`. Such
 * tries make no attempt and use up no delivery. Rejects with Hurried if the wait is cut short.
 *
 * The event keeps its slot meanwhile, so a consumer with an open breaker stops pulling. A refusal by a budget frees the
 * slot, since only first attempts can refill the budget.
 */
function whileRefused(
  call: Call,
  { redelivery, seed, concurrency }: ConsumerConfig,
  { metrics, clock, inFlight, handlerSlots, giveUp }: HandlerParts,
  pastErrors: PastErrors,
): (delivery: Delivery) => Promise<string> {
  const refusedRetries = metrics.counter('spillway_refused_retries_total');
  return async (delivery) => {
    const { work } = delivery;
    let refusals = 0;
    let untilMs: number | undefined;
    for (;;) {
      try {
        return await call(work, giveUp);
      } catch (error) {
        const isUntried = attemptsOf(delivery) === 0;
        if (isUntried) pastErrors.note(work, error, false);
        const isRefusal = error instanceof Rejected;
        if (!isUntried || !(isRefusal || error instanceof TimedOut) || giveUp.aborted) throw error;
        // An event counts as a single refused retry, regardless of the number of refusals.
        if (isRefusal && untilMs === undefined && delivery.hasFailed)
          refusedRetries.inc({ policy: error.policy });
        const nowMs = clock.now();
        untilMs ??= nowMs + redelivery.maxRefusedMs;
        if (error instanceof TooLate || nowMs >= untilMs) throw error;
        const retryAfterMs = isRefusal ? error.retryAfterMs : undefined;
        const draw = drawFor(seed, work.id, refusals, 'refusal');
        const pauseMs = Math.max(retryAfterMs ?? 0, backoffMs(redelivery.backoff, refusals, draw));
        const delayMs = Math.min(untilMs - nowMs, pauseMs);
        refusals += 1;
        const wait = () => sleep(delayMs, clock, inFlight.hurried);
        await (error instanceof BudgetSpent ? handlerSlots.aside(concurrency, wait) : wait());
      }
    }
  };
}

function endings({ broker, metrics, storage, inFlight }: HandlerParts, pastErrors: PastErrors) {
  const deadLetters = metrics.counter('spillway_dead_letters_total');

  const report = (delivery: Delivery, outcome: DeliveryReport['outcome']) => {
    publishReport(broker, delivery.message, delivery.origin, outcome, attemptsOf(delivery));
  };
  const end = ({ message, work }: Delivery) => {
    inFlight.delete(message);
    pastErrors.forget(work.id);
  };

  const deadLetter = async (delivery: Delivery, reason: string, error: unknown) => {
    const { message, origin, work } = delivery;
    const { id } = work;
    const lastError = String(error);
    const { firstError = lastError, attempts: before } = pastErrors.after(origin, id);
    const attempts = before + attemptsOf(delivery);
    const content = { id, reason, attempts, lastAttempt: work.attempts, firstError, lastError };
    await storage.following(publishDeadLetter(broker, message, content));
    return deadLettered(delivery, reason);
  };

  const deadLettered = async (delivery: Delivery, reason: string) => {
    await acknowledge(broker, delivery.message);
    end(delivery);
    deadLetters.inc({ reason });
    report(delivery, 'dead');
    return 'dead';
  };

  const finished = (delivery: Delivery) => {
    delivery.message.ack();
    end(delivery);
    report(delivery, 'ok');
    return 'ok';
  };

  /**
   * Ends a delivery if its event is dead-lettered already, e.g. because the acknowledgement got lost. Such an event
   * must have no further effect. Otherwise resolves with undefined.
   */
  const deadLetteredBefore = async (delivery: Delivery) => {
    const letter = await deadLetterOf(broker, delivery.message);
    return letter && deadLettered(delivery, letter.reason);
  };

  const givenBack = (delivery: Delivery, delayMs: number, by?: 'consumer' | 'server') => {
    pastErrors.made(delivery.work.id, attemptsOf(delivery));
    report(delivery, 'redelivered');
    void inFlight.giveBack(delivery.message, delayMs, by);
  };

  return { finished, deadLetter, deadLetteredBefore, givenBack };
}

function counted(handle: (message: Delivered) => Promise<string>, parts: HandlerParts): Handle {
  const { metrics, clock } = parts;
  const deliveries = metrics.counter('spillway_deliveries_total');
  const duration = metrics.histogram('spillway_delivery_duration_seconds');
  const inFlight = metrics.gauge('spillway_deliveries_in_flight');
  return async (message) => {
    const startedAtMs = clock.now();
    inFlight.value += 1;
    const result = await handle(message);
    inFlight.value -= 1;
    deliveries.inc({ result });
    duration.observe({ result }, (clock.now() - startedAtMs) / 1000);
  };
}

/** Returns the call through the policies. It resolves at the end of the turn, with all others answered in it. */
function callOf({ policies, seed }: ConsumerConfig, parts: HandlerParts, pastErrors: PastErrors): Call {
  const { broker, clock, show, guard = pipeline(policies, { clock, seed, emit: show(policies) }) } = parts;
  const call = guard(pastErrors.noting(parts.send));
  return async (work, signal) => {
    const reply = await call(work, signal);
    await broker.endOfTurn();
    return reply;
  };
}

/**
 * Creates the work of a delivery. Its attempt numbers continue after the highest number that earlier deliveries can
 * have used. So no number is used twice, even after a crash or redrive. A delivery with fewer attempts leaves a gap. If
 * the stream's consumer was deleted, the broker's count of deliveries restarts, and the numbers with it.
 */
function workOf(
  message: Delivered,
  { id, lastAttempt }: Origin,
  attemptsPerDelivery: number,
  clock: Clock,
): Work {
  const text = textIn(message);
  const leftMs = timeLeft(text(headers.timeoutMs));
  // Compares the wall clocks of the broker and this machine.
  const inStreamMs = clock.wallTime().getTime() - message.time.getTime();
  return {
    id,
    body: message.string(),
    class: readClass(text(headers.class)),
    traceparent: readTraceparent(text(headers.traceparent)),
    callerDeadlineAtMs: leftMs === undefined ? undefined : clock.now() + leftMs - inStreamMs,
    attempts: lastAttempt + (message.info.deliveryCount - 1) * attemptsPerDelivery,
  };
}

/**
 * Number of interrupted deliveries allowed in addition to the first delivery and its retries. A crash, or a stop with
 * events in the buffer, uses up deliveries of events that were never tried. Up to this limit, interruptions can cost an
 * event its retries. They can't cost it the one attempt that must precede dead-lettering.
 */
const interruptionsMax = 5;

/** Delay in ms before redelivery if the broker could not store a dead letter or an acknowledgement. */
const redeliverBrokenMs = 1000;
