import type { Static, TObject } from 'typebox';
import type { Clock } from '#kit/clock.ts';

/** End of a call. `unsent`: refused, or aborted in a queue, before any attempt. */
export type CallEnd = 'ok' | 'failed' | 'timeout' | 'unsent';

/** Decides which retries can be afforded. It only counts: the policy refuses. */
export interface Budget {
  /** Another call that is no retry. */
  request(): void;
  /** Pays for a retry, of a call that timed out or not; 0 when it can't be afforded, else what it cost. */
  retry(timedOut: boolean): number;
  /** A call has ended that cost so much, 0 for one that was no retry, and was paid at that time of the clock. */
  end(end: CallEnd, cost: number, paidAtMs: number): void;
  /** What is left, in the unit of its costs. */
  left(): number;
}

/** One kind of budget: its options, and how it is made. */
export interface BudgetKind<S extends TObject> {
  readonly options: S;
  readonly create: (options: Static<S>, clock: Clock) => Budget;
}

/** Lets the compiler infer the type of the options. */
export const budgetKind = <S extends TObject>(kind: BudgetKind<S>): BudgetKind<S> => kind;
