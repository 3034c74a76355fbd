import type { Outcome } from '#kit/wire.ts';

/** Request that has ended, as in the record. Times are in ms, and NaN if there is none. */
export interface RecordLine {
  readonly index: number;
  /** Time from the start of the load to the scheduled time. */
  readonly scheduledAtMs: number;
  /** Time from the scheduled time to the send. */
  readonly lagMs: number;
  /** Time from the scheduled time to the end. */
  readonly latencyMs: number;
  readonly outcome: Outcome;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** Undefined if unknown. */
  readonly attempts: number | undefined;
}

/** Record of the requests that have ended, such as a CSV file. `L` is the form of its lines. */
export interface RecordFile<L = string> {
  /** Adds a line, which as a text has no line break. Does nothing after an error. */
  add(line: L): void;
  /** Writes the remaining lines. Rejects with RecordError if a line is missing from the file. */
  close(): Promise<void>;
}

export const recordIn = (file: RecordFile): RecordFile<RecordLine> => ({
  ...file,
  add: (line) => file.add(lineOf(line)),
});

const lineOf = ({ index, scheduledAtMs, lagMs, latencyMs, outcome, status, attempts }: RecordLine) =>
  `${index},${field(scheduledAtMs)},${field(lagMs)},${field(latencyMs)},${outcome},${status},${attempts ?? ''}`;

/** Formats a time in ms with three decimals, the clock's precision. NaN becomes an empty field. */
const field = (ms: number): string => (Number.isNaN(ms) ? '' : ms.toFixed(3));

/** Rounds a time like its text in the record. */
export function rounded(ms: number): number {
  const whole = Math.round(ms * 1000);
  // Near the middle, the product may round to the other side than the text.
  return Math.abs(ms * 1000 - whole) < 0.499 ? whole / 1000 : Number(ms.toFixed(3));
}
