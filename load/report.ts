import { parseJson } from '#kit/json.ts';
import type { DeliveryReport } from '#kit/wire.ts';

/** Limit on the length of a report: an id of at most 128 characters and three numbers. */
const textCharsMax = 1000;

/**
 * Parses a report. Returns undefined for any other message, since on a broker without Spillway's logins every client
 * may publish on this subject. If one of the numbers is out of bounds, drops all of them.
 */
export function readReport(text: string): DeliveryReport | undefined {
  if (text.length > textCharsMax) return undefined;
  const { id, outcome, delivery, redrives, attempts } = (parseJson(text) ?? {}) as Partial<DeliveryReport>;
  if (typeof id !== 'string' || !outcome || !outcomes.has(outcome)) return undefined;
  const isValid = isCount(delivery, 1) && isCount(redrives, 0) && isCount(attempts, 0);
  return isValid ? { id, outcome, delivery, redrives, attempts } : { id, outcome };
}

const outcomes: ReadonlySet<unknown> = new Set(['ok', 'dead', 'redelivered']);

const isCount = (value: unknown, least: number): boolean =>
  value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= 1_000_000);
