import { ageMs, type DeadLetter } from '#kit/broker/dead-letter.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { inNumber } from '#lab/text/format.ts';

/** Which dead letters are meant: those that all of it is true of. */
export interface Filter {
  readonly reasons?: readonly string[];
  readonly ids?: readonly string[];
  /** By the time that they have been dead for. */
  readonly olderThanMs?: number;
  readonly newerThanMs?: number;
  /** Of them, so many of the oldest. */
  readonly limit?: number;
}

/** Chooses among letters, which come oldest first. Throws InputError for ids of which there is none. */
export function chosen(letters: readonly DeadLetter[], filter: Filter, now: Date): DeadLetter[] {
  const { reasons, ids, olderThanMs = 0, newerThanMs = Number.POSITIVE_INFINITY, limit } = filter;
  const known = new Set(letters.map(({ id }) => id));
  const unknown = ids?.filter((id) => !known.has(id)) ?? [];
  if (unknown.length > 0)
    throw new InputError(
      `expected events that have a dead letter, got ${unknown.join(', ')}, which ${inNumber(unknown.length, 'has', 'have')} none`,
    );
  return letters
    .filter((letter) => {
      const age = ageMs(letter, now);
      const isMeant = !ids || ids.includes(letter.id);
      return (
        isMeant && (!reasons || reasons.includes(letter.reason)) && age >= olderThanMs && age < newerThanMs
      );
    })
    .slice(0, limit);
}
