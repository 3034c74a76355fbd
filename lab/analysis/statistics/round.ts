import { metrics, runMetricNames } from '#lab/experiment/hypothesis/metrics.ts';
import { collapsedPart } from '#lab/result/collapse.ts';
import type { Result, Round } from '#lab/result/result.ts';

/** What is told of a run beside others. */
export const roundOf = ({ experiment, status, variants }: Result): Round => ({
  seed: experiment.seed,
  status,
  variants: variants.map((variant) => ({
    name: variant.name,
    values: Object.fromEntries(runMetricNames.map((name) => [name, metrics[name].of(variant)])),
    collapsed: collapsedPart(variant) !== undefined,
    recoveries: (variant.windows ?? []).flatMap(({ name, recovery }) =>
      recovery ? [{ window: name, recovery }] : [],
    ),
  })),
});
