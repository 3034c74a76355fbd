import { brokenShare, measuredVariants, shareOf } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { flatten, pipelinesOf } from '#lab/text/flatten.ts';
import { number, plural, share } from '#lab/text/format.ts';
import { type Conclusion, conclude, joined, say, type Words } from './conclusion.ts';
import { isAhead, lead, leadersOf } from './difference.ts';

const pointsMax = 3;

/** Finds breakers that make a partial failure worse: they refuse more requests than would fail without them. */
export function breaker(result: Result): Conclusion[] {
  const points = policyContrasts(result)
    .filter(makesWorse)
    .map(
      ({ without, with: guarded }) =>
        say`${guarded} completes only ${share(guarded.goodput)} of the requests in time; ${without}, the same pipeline without the breaker, completes ${share(without.goodput)}. The breaker refuses ${share(shareOf(guarded, 'rejected'))}, although only ${share(brokenShare(without))} fail without it.`,
    );
  return conclude('bad', 'The breaker makes a partial failure worse', ...points);
}

/** Shows the effect of one policy, from two variants that differ in nothing else. */
export function onePolicy(result: Result): Conclusion[] {
  const points = policyContrasts(result)
    .filter((contrast) => !makesWorse(contrast))
    .filter((contrast) => verdictOf(contrast) !== 'does not help' || priceOf(contrast) >= 1.5)
    .sort((a, b) => Math.abs(gain(b)) - Math.abs(gain(a)))
    .slice(0, pointsMax)
    .map(effectOf);
  return conclude('note', 'What one more policy changes', ...points);
}

/** Shows the effect of one numeric option, from variants that differ in nothing else. */
export function oneOption(result: Result): Conclusion[] {
  return optionContrasts(result).flatMap(({ option, steps }) => {
    const leaders = leadersOf(steps.map(({ variant }) => variant));
    const good = steps.map(({ variant }) => leaders.includes(variant));
    if (good.every(Boolean)) return [];
    const name = option.split('.').slice(-2).join(' ');
    const line = steps.map(
      ({ value, variant }) => say`${number(value)} in ${variant}: ${share(variant.goodput)}`,
    );
    const more = good.at(-1) ? '' : good[0] ? ' More is worse.' : ' Less is worse, and so is more.';
    return conclude(
      'note',
      `One number decides: ${name}`,
      say`Goodput with a ${name} of ${joined(line, '; ')}.${more}`,
    );
  });
}

const gain = (contrast: PolicyContrast): number => lead(contrast.with, contrast.without);

function makesWorse({ policy, without, with: guarded }: PolicyContrast): boolean {
  const refused = shareOf(guarded, 'rejected');
  return (
    policy === 'breaker' && refused >= 0.2 && refused > 2 * brokenShare(without) && isAhead(without, guarded)
  );
}

/** Returns the factor by which the policy multiplies the attempts per request. */
const priceOf = ({ without, with: more }: PolicyContrast): number =>
  without.amplification > 0 ? more.amplification / without.amplification : 1;

function verdictOf({ without, with: more }: PolicyContrast): 'helps' | 'makes it worse' | 'does not help' {
  if (isAhead(more, without)) return 'helps';
  return isAhead(without, more) ? 'makes it worse' : 'does not help';
}

function effectOf(contrast: PolicyContrast): Words {
  const { policy, without, with: more } = contrast;
  const [before, after] = [number(without.amplification), number(more.amplification)];
  const costs =
    before === after
      ? ''
      : `, at ${after} instead of ${plural(without.amplification, 'attempt')} per request`;
  return say`${policy} ${verdictOf(contrast)}: ${without} completes ${share(without.goodput)} in time, ${more} ${share(more.goodput)}${costs}.`;
}

type PolicyContrast = ReturnType<typeof policyContrasts>[number];

export function policyContrasts(result: Result) {
  const variants = measuredVariants(result);
  return variants.flatMap((withIt) =>
    variants.flatMap((without) => {
      const policy = withIt.path === without.path ? addedPolicy(without, withIt) : null;
      return policy === null ? [] : [{ policy, without, with: withIt }];
    }),
  );
}

/** Finds sets of variants that differ only in the same numeric option. Names the option by its flattened key. */
export function optionContrasts(result: Result) {
  const all = measuredVariants(result).flatMap((variant) => {
    const flat = [...flatten(variant.config)];
    const sorted = flat.toSorted();
    return flat.flatMap(([option, value]) => {
      if (typeof value !== 'number') return [];
      const others = sorted.filter(([key]) => key !== option);
      return { option, value, variant, family: JSON.stringify([variant.path, option, others]) };
    });
  });
  return [...Map.groupBy(all, ({ family }) => family).values()]
    .map((steps) => ({ option: steps[0]!.option, steps: steps.sort((a, b) => a.value - b.value) }))
    .filter(({ steps }) => new Set(steps.map(({ value }) => value)).size > 1);
}

/** Returns the policy that only `withIt` has; null if the variants differ in anything else. */
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

function restOf({ config }: VariantResult): string {
  const pipelines = [...pipelinesOf(config).keys()];
  const within = (key: string) => pipelines.some((name) => key === name || key.startsWith(`${name}.`));
  return JSON.stringify([...flatten(config)].filter(([key]) => !within(key)).sort());
}
