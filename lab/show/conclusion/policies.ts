import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { measuredVariants } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { pairedDifference } from '#lab/judge/statistics/bootstrap.ts';
import { valuesOf } from '#lab/judge/statistics/rounds.ts';
import { flatten, pipelinesOf } from '#lab/kit/text/flatten.ts';
import { number, plural, share } from '#lab/kit/text/format.ts';
import { say, type Words } from './words.ts';

const pointsMax = 3;

/** Shows the effect of one policy, from pairs of variants that differ in nothing else, the largest effects first. */
export function changesOfOnePolicy(result: Result): Words[] {
  const variants = measuredVariants(result);
  const pairs = variants.flatMap((more) =>
    variants.flatMap((without) => {
      const policy = more.path === without.path ? addedPolicy(without, more) : null;
      return policy === null ? [] : [{ policy, without, more }];
    }),
  );
  const goodput = ({ name }: VariantResult) => valueIn(result, name, 'goodput') ?? 0;
  const attempts = ({ name }: VariantResult) => valueIn(result, name, 'amplification') ?? 0;
  const gain = ({ without, more }: (typeof pairs)[number]) => Math.abs(goodput(more) - goodput(without));
  return pairs
    .filter(({ without, more }) => isAhead(result, more, without) || isAhead(result, without, more))
    .sort((a, b) => gain(b) - gain(a))
    .slice(0, pointsMax)
    .map(({ policy, without, more }) => {
      const [before, after] = [number(attempts(without)), number(attempts(more))];
      const costs =
        before === after
          ? ''
          : `, at ${after} instead of ${plural(attempts(without), 'attempt')} per request`;
      return say`${policy} ${goodput(more) > goodput(without) ? 'helps' : 'makes it worse'}: ${without} completes ${share(goodput(without))} in time, ${more} ${share(goodput(more))}${costs}.`;
    });
}

/** Returns the policy that only `more` has; null if the variants differ in anything else. */
function addedPolicy(without: VariantResult, more: VariantResult): string | null {
  const [shorter, longer] = [pipelinesOf(without.config), pipelinesOf(more.config)];
  if (restOf(without) !== restOf(more)) return null;
  let added: string | null = null;
  for (const [key, pipeline] of longer) {
    const [fewer, policies] = [withBudgets(shorter.get(key) ?? []), withBudgets(pipeline)];
    if (JSON.stringify(fewer) === JSON.stringify(policies)) continue;
    const extra = policies.findIndex((policy, i) => JSON.stringify(policy) !== JSON.stringify(fewer[i]));
    if (added !== null || JSON.stringify(policies.toSpliced(extra, 1)) !== JSON.stringify(fewer)) return null;
    added = Object.keys(policies[extra] ?? {})[0] ?? null;
  }
  return added;
}

/** Returns a pipeline with the budgets of its retries as separate policies. */
const withBudgets = (pipeline: readonly Record<string, unknown>[]): Record<string, unknown>[] =>
  pipeline.flatMap((policy) => {
    const { budget, ...retry } = (policy.retry ?? {}) as Record<string, unknown>;
    return budget ? [{ retry }, { budget }] : [policy];
  });

function restOf({ config }: VariantResult): string {
  const pipelines = [...pipelinesOf(config).keys()];
  const within = (key: string) => pipelines.some((name) => key === name || key.startsWith(`${name}.`));
  return JSON.stringify([...flatten(config)].filter(([key]) => !within(key)).sort());
}

/** Smallest difference in goodput worth mentioning, for any number of requests. */
const goodputFloor = 0.05;

/**
 * True if one variant's goodput exceeds another's by {@link goodputFloor}, and chance does not explain it: the difference
 * is at least twice its standard error, or with rounds its whole interval is above 0.
 */
function isAhead(result: Result, a: VariantResult, b: VariantResult): boolean {
  const value = ({ name }: VariantResult, metric: MetricName) => valueIn(result, name, metric) ?? 0;
  const difference = value(a, 'goodput') - value(b, 'goodput');
  if (difference < goodputFloor) return false;
  const bySeed = ({ name }: VariantResult) => valuesOf(result, name, 'goodput');
  const low = pairedDifference(bySeed(a), bySeed(b))?.low;
  if (low !== undefined && !Number.isNaN(low)) return low > 0;
  // Adds one success and one failure (Agresti and Caffo), so that 10 of 10 don't give an error of 0.
  const errors = [a, b].map((variant) => {
    const n = value(variant, 'offered');
    const p = (n * value(variant, 'goodput') + 1) / (n + 2);
    return Math.sqrt((p * (1 - p)) / (n + 2));
  });
  return difference >= 2 * Math.hypot(...errors);
}
