import { type BudgetOptions, type CallEnd, createBudget } from './budget/kinds.ts';
import { Rejected, type Surroundings, type Work } from './policy.ts';

export class BudgetSpent extends Rejected {
  override readonly name = 'BudgetSpent';

  constructor() {
    super('budget', 'the retry budget is spent');
  }
}

/**
 * Returns a function that pays for the next call of a request, and returns a function that records the end of that
 * call. It returns undefined if the budget can't afford the call. A call before the first attempt is free.
 */
export function budget(
  options: BudgetOptions,
  { clock, emit }: Surroundings,
): (work: Work) => ((end: CallEnd) => void) | undefined {
  const state = createBudget(options, clock);
  const counted = new WeakSet<Work>();
  const report = () => emit({ kind: 'budget', left: state.left() });
  report();

  return (work) => {
    const isRetry = work.attempts > 0;
    if (state.request && !isRetry && !counted.has(work)) {
      // A call that is repeated after a refusal by an inner policy belongs to the same request.
      state.request();
      counted.add(work);
    }
    const cost = isRetry ? state.retry(work.timedOut === true) : 0;
    if (isRetry && cost === 0) {
      emit({ kind: 'rejected', policy: 'budget' });
      return undefined;
    }
    if (isRetry) report();
    const paidAtMs = clock.now();
    return (end) => {
      state.end(end, cost, paidAtMs);
      report();
    };
  };
}
