import type { Ledger } from '#lab/judge/result/result.ts';
import { count } from '#lab/kit/text/format.ts';

export type Check = Ledger['checks'][number];

/** Reasons why a count may be off. Without a reason, it can't be off in this direction. */
export interface Doubt {
  /** Reason why the count is only a lower bound. */
  readonly missing?: string | undefined;
  /** Reason why the count is only an upper bound. */
  readonly surplus?: string | undefined;
  /** Number by which the count may be too large. @default 0 */
  readonly spare?: number;
}

export interface Count extends Doubt {
  readonly who: string;
  readonly value: number;
}

/** Upper bound on a count: `lesser` is at most `greater` plus `spare`. */
export interface Bound {
  readonly lesser: Count;
  readonly greater: Count;
  readonly spare: number;
}

/** Checks that no count exceeds its bound. Skips a bound whose counts may be off, and says why in the note. */
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

export const withNote = (checked: Check, note: string): Check => ({ ...checked, note: checked.note || note });

function contradiction({ lesser, greater, spare }: Bound): string {
  if (greater === nothing) return `${lesser.who}: ${count(lesser.value)}, expected none`;
  const limit = spare === 0 ? 'at most' : `with ${count(spare)} possible ones at most`;
  const most = greater.value + spare;
  return `${lesser.who}: ${count(lesser.value)}, but ${greater.who}: ${limit} ${count(most)}`;
}

const doubtOn = ({ lesser, greater }: Bound): string | undefined => lesser.surplus ?? greater.missing;
const excessOf = ({ lesser, greater, spare }: Bound): number => lesser.value - greater.value - spare;

export const atMost = (lesser: Count, greater: Count, spare = 0): Bound => ({
  lesser,
  greater,
  spare: spare + (lesser.spare ?? 0),
});

/** Returns bounds: the second count is at least the first, and at most `spare` more. */
export const agree = (first: Count, second: Count, spare: number): Bound[] => [
  atMost(first, second),
  atMost(second, first, spare),
];

/** Returns bounds that require all counts to be equal. */
export const same = (first: Count, ...others: readonly Count[]): Bound[] =>
  others.flatMap((other) => agree(first, other, 0));

export const none = (counted: Count): Bound => atMost(counted, nothing);

export const known = (who: string, value: number): Count => ({ who, value });

const nothing = known('expected', 0);
