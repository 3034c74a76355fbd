import type { Static } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { taggedKinds } from '#kit/schema/schema.ts';
import { aws } from './budget/aws.ts';
import type { Budget, CallEnd } from './budget/budget.ts';
import { finagle } from './budget/finagle.ts';
import { grpc } from './budget/grpc.ts';
import { type Policy, Rejected, type Surroundings, TimedOut, type Work } from './policy.ts';

/** There is no budget left for another retry. */
export class BudgetSpent extends Rejected {
  override readonly name = 'BudgetSpent';

  constructor() {
    super('budget', 'the budget for retries is spent');
  }
}

/** Every kind of budget; a new one is a file and a line here. */
const kinds = { finagle, grpc, aws };

/** What retries may cost. */
export const BudgetOptions = taggedKinds(kinds, {
  description:
    'Refuses retries beyond a budget; stands within the retry policy. A redelivery is a retry, too.',
});
export type BudgetOptions = Static<typeof BudgetOptions>;

/** Lets first attempts through, and retries while the budget lasts; rejects the rest with BudgetSpent. */
export function budget(options: BudgetOptions, { clock, emit }: Surroundings): Policy {
  const kept = (kinds[options.kind].create as (options: BudgetOptions, clock: Clock) => Budget)(
    options,
    clock,
  );
  const counted = new WeakSet<Work>();
  const report = () => emit({ kind: 'budget', left: kept.left() });
  report();

  const pay = (work: Work): number => {
    if (work.attempts === 0) {
      // Tried again after a refusal further in, it is no other request.
      if (!counted.has(work)) kept.request();
      counted.add(work);
      return 0;
    }
    const cost = kept.retry(work.timedOut === true);
    if (cost > 0) return cost;
    emit({ kind: 'rejected', policy: 'budget' });
    throw new BudgetSpent();
  };

  return (next) => async (work, signal) => {
    const cost = pay(work);
    const paidAtMs = clock.now();
    const { attempts } = work;
    const end = (how: CallEnd) => {
      kept.end(how, cost, paidAtMs);
      report();
    };
    try {
      const reply = await next(work, signal);
      end('ok');
      return reply;
    } catch (error) {
      if (work.attempts === attempts) end('unsent');
      else if (error instanceof TimedOut) {
        work.timedOut = true;
        end('timeout');
      } else {
        work.timedOut = false;
        if (!signal.aborted) end('failed');
      }
      throw error;
    }
  };
}
