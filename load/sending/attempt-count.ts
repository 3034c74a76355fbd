import type { DeliveryReport } from '#kit/wire.ts';

/** Number of attempts for an event, from the reports of its deliveries. */
export interface AttemptCount {
  readonly attempts: number;
  /** True if every delivery was reported, so that `attempts` is complete. */
  readonly isKnown: boolean;
  readonly redrives: number;
  /** Number of the last reported delivery since the last redrive; 0 before the first. */
  readonly delivery: number;
  readonly outcome?: DeliveryReport['outcome'];
}

export const noAttempts: AttemptCount = { attempts: 0, isKnown: true, redrives: 0, delivery: 0 };

/**
 * Returns the count with a report added. Reports arrive in the order of deliveries, since the consumer publishes a
 * report before it returns the message to the stream. If a delivery's number is skipped, its report is missing, and the
 * count stays unknown from then on.
 */
export function counted(before: AttemptCount, report: Omit<DeliveryReport, 'id'>): AttemptCount {
  const { outcome, delivery, redrives = 0, attempts } = report;
  // Another consumer may report only the event's end, not each delivery. It then sends the total number of attempts.
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

/** Returns the number of all attempts of a finished event; undefined if it is unknown. */
export const attemptsIn = ({ attempts, isKnown, outcome }: AttemptCount): number | undefined =>
  isKnown && (outcome === 'ok' || outcome === 'dead') ? attempts : undefined;
