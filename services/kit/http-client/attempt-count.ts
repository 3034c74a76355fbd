import type { DeliveryReport } from '#kit/wire.ts';

/** Attempts for an event, counted from the reports of its deliveries. */
export interface AttemptCount {
  readonly attempts: number;
  /** True if every delivery was reported, so `attempts` is complete. */
  readonly isKnown: boolean;
  readonly redrives: number;
  /** Last delivery reported since the last redrive; 0 before the first. */
  readonly delivery: number;
  readonly outcome?: DeliveryReport['outcome'];
}

export const noAttempts: AttemptCount = { attempts: 0, isKnown: true, redrives: 0, delivery: 0 };

/**
 * Adds a report. Reports arrive in the order of deliveries: each is published before the consumer returns its message
 * to the stream. A skipped number shows that a delivery was not reported. From then on the count is unknown.
 */
export function counted(before: AttemptCount, report: Omit<DeliveryReport, 'id'>): AttemptCount {
  const { outcome, delivery, redrives = 0, attempts } = report;
  // A consumer that reports events, not deliveries, sends the total of all attempts.
  if (delivery === undefined)
    return { ...before, attempts: attempts ?? before.attempts, isKnown: attempts !== undefined, outcome };
  const isNext =
    before.outcome === 'dead'
      ? redrives === before.redrives + 1 && delivery === 1
      : redrives === before.redrives && delivery === before.delivery + 1;
  return {
    attempts: before.attempts + (attempts ?? 0),
    isKnown: before.isKnown && isNext && attempts !== undefined,
    redrives,
    delivery,
    outcome,
  };
}

/** Returns all attempts of a finished event; undefined if unknown. */
export const attemptsIn = ({ attempts, isKnown, outcome }: AttemptCount): number | undefined =>
  isKnown && (outcome === 'ok' || outcome === 'dead') ? attempts : undefined;
