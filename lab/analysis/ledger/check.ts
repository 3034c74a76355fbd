import type { Ledger } from '#lab/result/result.ts';
import { count } from '#lab/text/format.ts';

export type Check = Ledger['checks'][number];

/** Why a count may differ from what happened; a direction without a reason is certain. */
export interface Doubt {
  /** Why some may not have been counted: the count is a lower bound. */
  readonly missing?: string | undefined;
  /** Why it may hold more: the count is an upper bound. */
  readonly surplus?: string | undefined;
}

/** Count of one witness. */
export interface Count extends Doubt {
  readonly who: string;
  readonly value: number;
}

/** Two counts, of which the first can't exceed the second by more than a few. */
export interface Bound {
  readonly lesser: Count;
  readonly greater: Count;
  readonly spare: number;
}

/** Holds if no count exceeds the one that bounds it. What a doubt may explain is not compared, and the note says so. */
export function check(name: string, ...bounds: readonly Bound[]): Check {
  const broken = bounds.find((bound) => doubtOn(bound) === undefined && excessOf(bound) > 0);
  const doubts = new Set(bounds.flatMap((bound) => doubtOn(bound) ?? []));
  const counts = bounds.flatMap(({ lesser, greater }) => [lesser, greater]);
  return {
    name,
    ok: broken === undefined,
    witnesses: Object.fromEntries(counts.map(({ who, value }) => [who, value])),
    note: broken ? contradiction(broken) : [...doubts].join('; '),
  };
}

/** Names the two witnesses that contradict each other. */
function contradiction({ lesser, greater, spare }: Bound): string {
  if (greater === nothing) return `${lesser.who}: ${count(lesser.value)}, expected none`;
  const limit = spare === 0 ? 'at most' : `with ${count(spare)} that may be, at most`;
  const most = greater.value + spare;
  return `${lesser.who}: ${count(lesser.value)}, but ${greater.who}: ${limit} ${count(most)}`;
}

const doubtOn = ({ lesser, greater }: Bound): string | undefined => lesser.surplus ?? greater.missing;
const excessOf = ({ lesser, greater, spare }: Bound): number => lesser.value - greater.value - spare;

export const atMost = (lesser: Count, greater: Count, spare = 0): Bound => ({ lesser, greater, spare });

/** The second counts what the first does, and no more than `spare` beyond. */
export const agree = (first: Count, second: Count, spare: number): Bound[] => [
  atMost(first, second),
  atMost(second, first, spare),
];

/** All say the same. */
export const same = (first: Count, ...others: readonly Count[]): Bound[] =>
  others.flatMap((other) => [atMost(first, other), atMost(other, first)]);

/** Returns the bound of a count that must be 0. */
export const none = (counted: Count): Bound => atMost(counted, nothing);

/** Returns a count without doubts. */
export const known = (who: string, value: number): Count => ({ who, value });

const nothing = known('expected', 0);
