import { type Samples, total } from '#lab/evidence/samples.ts';
import type { Variant } from '#lab/experiment/schema.ts';
import { duration, number } from '#lab/experiment/text/format.ts';
import type { PolicyResult } from '#lab/judge/result/result.ts';
import type { BudgetOptions } from '#policies/budget/kinds.ts';
import { nameOf, policyActions } from '#policies/policy-metrics.ts';

type Spec = Variant['policies'][number];

/** Returns the actions of each policy of a variant, from the counters of its caller. */
export function policyResults(policies: readonly Spec[], caller: Samples): PolicyResult[] {
  return policies.map((spec, position) => {
    const policy = nameOf(spec);
    const times = (action: string) =>
      total(
        caller,
        'spillway_policy_actions_total',
        `position="${position}",policy="${policy}",action="${action}"`,
      );
    const acted = Object.fromEntries(policyActions[policy].map((action) => [action, times(action)]));
    return { policy, position, acted, note: noteOn(spec, acted) };
  });
}

const paidBy = (capacity: number, cost: number): string => number(Math.floor(capacity / cost));

/** Returns the reason why the budget of a retry never refused, if its options alone may explain it; else an empty text. */
function noteOn(spec: Spec, { retried = 0, refused = 0 }: PolicyResult['acted']): string {
  const budget = 'retry' in spec ? spec.retry.budget : undefined;
  const reason = budget && retried > 0 && refused === 0 ? reasonOf(budget) : '';
  return reason && `the budget never refused: ${reason}`;
}

function reasonOf(budget: BudgetOptions): string {
  if (budget.kind === 'grpc')
    return `there are retries while more than half of its ${number(budget.maxTokens)} tokens are left`;
  if (budget.kind === 'aws')
    return `its capacity of ${number(budget.capacity)} pays for ${paidBy(budget.capacity, budget.retryCost)} retries, or ${paidBy(budget.capacity, budget.timeoutRetryCost)} after timeouts`;
  const { minPerSecond, ttlMs } = budget;
  const free = (minPerSecond * ttlMs) / 1000;
  return free >= 1
    ? `its minPerSecond of ${number(minPerSecond)} allows ${number(free)} retries in ${duration(ttlMs)}, whatever its ratio`
    : '';
}
