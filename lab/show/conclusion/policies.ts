import { flatten, pipelinesOf } from '#lab/experiment/text/flatten.ts';
import { number, plural, share } from '#lab/experiment/text/format.ts';
import { pairedDifference } from '#lab/judge/statistics/bootstrap.ts';
import { measuredVariants } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
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
  return pairs
    .filter(({ without, more }) => isAhead(more, without) || isAhead(without, more))
    .sort((a, b) => gainOf(b) - gainOf(a))
    .slice(0, pointsMax)
    .map(({ policy, without, more }) => {
      const [before, after] = [number(without.amplification), number(more.amplification)];
      const costs =
        before === after
          ? ''
          : `, at ${after} instead of ${plural(without.amplification, 'attempt')} per request`;
      return say`${policy} ${isAhead(more, without) ? 'helps' : 'makes it worse'}: ${without} completes ${share(without.goodput)} in time, ${more} ${share(more.goodput)}${costs}.`;
    });
}

const gainOf = ({ without, more }: { without: VariantResult; more: VariantResult }): number =>
  Math.abs(more.goodput - without.goodput);

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
function isAhead(a: VariantResult, b: VariantResult): boolean {
  const difference = a.goodput - b.goodput;
  if (difference < goodputFloor) return false;
  const bySeed = ({ goodputs = [] }: VariantResult) =>
    new Map(goodputs.map(({ seed, goodput }) => [seed, goodput]));
  const low = pairedDifference(bySeed(a), bySeed(b))?.low;
  if (low !== undefined && !Number.isNaN(low)) return low > 0;
  // Adds one success and one failure (Agresti and Caffo), so that 10 of 10 don't give an error of 0.
  const errors = [a, b].map(({ goodput, offered }) => {
    const p = (goodput * offered + 1) / (offered + 2);
    return Math.sqrt((p * (1 - p)) / (offered + 2));
  });
  return difference >= 2 * Math.hypot(...errors);
}
