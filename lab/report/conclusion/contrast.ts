import { measuredVariants } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { flatten, pipelinesOf } from '#lab/text/flatten.ts';

/** Two variants of which one has exactly one policy more. */
export interface PolicyContrast {
  readonly policy: string;
  readonly without: VariantResult;
  readonly with: VariantResult;
}

/** All pairs that differ by one policy and by nothing else. */
export function policyContrasts(result: Result): PolicyContrast[] {
  const variants = measuredVariants(result);
  return variants.flatMap((withIt) =>
    variants.flatMap((without): PolicyContrast[] => {
      const policy = withIt.path === without.path ? addedPolicy(without, withIt) : null;
      return policy === null ? [] : [{ policy, without, with: withIt }];
    }),
  );
}

/** Variants that differ in one numeric option and in nothing else, by the value of that option. */
export interface OptionContrast {
  /** The flattened key. */
  readonly option: string;
  readonly steps: readonly { readonly value: number; readonly variant: VariantResult }[];
}

/** All sets of two or more variants that differ in one and the same number alone. */
export function optionContrasts(result: Result): OptionContrast[] {
  const families = new Map<string, { option: string; steps: { value: number; variant: VariantResult }[] }>();
  for (const variant of measuredVariants(result)) {
    const flat = flatten(variant.config);
    for (const [option, value] of flat) {
      if (typeof value !== 'number') continue;
      const others = [...flat].filter(([key]) => key !== option).sort();
      const family = JSON.stringify([variant.path, option, others]);
      const known = families.get(family) ?? { option, steps: [] };
      known.steps.push({ value, variant });
      families.set(family, known);
    }
  }
  return [...families.values()]
    .map(({ option, steps }) => ({ option, steps: steps.sort((a, b) => a.value - b.value) }))
    .filter(({ steps }) => new Set(steps.map((step) => step.value)).size > 1);
}

/** The name of the policy that `withIt` has beyond `without`, or null when they differ otherwise. */
function addedPolicy(without: VariantResult, withIt: VariantResult): string | null {
  const [shorter, longer] = [pipelinesOf(without.config), pipelinesOf(withIt.config)];
  if (restOf(without) !== restOf(withIt)) return null;
  let added: string | null = null;
  for (const [key, policies] of longer) {
    const fewer = shorter.get(key) ?? [];
    if (JSON.stringify(fewer) === JSON.stringify(policies)) continue;
    const extra = policies.findIndex((policy, i) => JSON.stringify(policy) !== JSON.stringify(fewer[i]));
    if (added !== null || JSON.stringify(policies.toSpliced(extra, 1)) !== JSON.stringify(fewer)) return null;
    added = Object.keys(policies[extra] ?? {})[0] ?? null;
  }
  return added;
}

/** Everything in the configuration outside its pipelines. */
function restOf({ config }: VariantResult): string {
  const pipelines = [...pipelinesOf(config).keys()];
  const within = (key: string) => pipelines.some((name) => key === name || key.startsWith(`${name}.`));
  return JSON.stringify([...flatten(config)].filter(([key]) => !within(key)).sort());
}
