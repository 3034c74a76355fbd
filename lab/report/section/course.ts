import { count, duration } from '#lab/text/format.ts';

/** What a line over time says in numbers. */
export interface Course {
  readonly most: string;
  /** When it was reached first; null for a line that is the same throughout. */
  readonly at: string | null;
  readonly last: string;
}

/** The most of a measured column, when it was reached first, and the last; null where nothing was measured. */
export function courseOf(
  tMs: readonly number[],
  column: readonly (number | null)[],
  states?: readonly string[],
): Course | null {
  const measured = column.filter((value) => value !== null);
  if (measured.length === 0) return null;
  const most = measured.reduce((a, b) => Math.max(a, b));
  const say = (value: number) => states?.[value] ?? count(value);
  return {
    most: say(most),
    at: measured.every((value) => value === most) ? null : duration(tMs[column.indexOf(most)] ?? null),
    last: say(measured.at(-1) ?? 0),
  };
}

/** A course in words: `at most 1,528 at 450 ms, at the end 0`. */
export const spokenCourse = ({ most, at, last }: Course): string =>
  at === null ? `${most} throughout` : `at most ${most} at ${at}, at the end ${last}`;
