import { type Samples, total } from '#lab/evidence/samples.ts';
import type { Variant } from '#lab/experiment/schema.ts';
import type { PolicyResult } from '#lab/judge/result/result.ts';
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
    return { policy, position, acted };
  });
}
