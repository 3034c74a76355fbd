import { type Estimate, pairedDifference } from '#lab/analysis/statistics/bootstrap.ts';
import { byMeanGoodput, collapseOver, meanOver, valuesOf } from '#lab/analysis/statistics/estimates.ts';
import type { Result, Round, VariantResult } from '#lab/result/result.ts';
import { inNumber, plural, share } from '#lab/text/format.ts';
import { joined, listed, say, type Words } from './conclusion.ts';

/**
 * Names the best and the worst mean goodput, the variants that may be as good as the best, and those that collapsed in
 * some rounds.
 */
export function findingOverRounds({ variants }: Result, rounds: readonly Round[]): Words[] {
  const means = byMeanGoodput(rounds).flatMap((name) => {
    const mean = meanOver(rounds, name, 'goodput');
    const variant = variants.find((each) => each.name === name);
    return mean && variant
      ? [{ variant, name, goodput: mean.value, collapses: collapseOver(rounds, name).count }]
      : [];
  });
  const [best, worst] = [means[0], means.at(-1)];
  if (!best || !worst) return [];
  const leads = ({ name }: { name: string }) => isAbove(differenceBetween(rounds, best.name, name));
  const looksEqual = ({ goodput }: { goodput: number }) => share(goodput) === share(best.goodput);
  const equal = means.filter((each) => each === best || (looksEqual(each) && !leads(each)));
  // With one round there is no interval, so nothing can be said about chance.
  const near = means.filter((each) => rounds.length > 1 && !equal.includes(each) && !leads(each));
  const last = equal.includes(worst)
    ? ''
    : say`, the last variant, ${worst.variant}, ${share(worst.goodput)}`;
  const collapsed = means.filter(({ collapses }) => collapses > 0);
  return [
    say`Mean of ${plural(rounds.length, 'round')}: ${listed(variantsOf(equal))} ${inNumber(equal.length, 'completes', 'complete')} ${share(best.goodput)} in time${last}.`,
    ...(near.length > 0 ? [say`The difference to ${listed(variantsOf(near))} may be chance.`] : []),
    ...(collapsed.length > 0
      ? [
          say`Rounds with a collapse: ${joined(
            collapsed.map(({ variant, collapses }) => say`${variant} ${collapses}`),
            ', ',
          )}.`,
        ]
      : []),
  ];
}

const variantsOf = (all: readonly { variant: VariantResult }[]): VariantResult[] =>
  all.map(({ variant }) => variant);

function differenceBetween(rounds: readonly Round[], first: string, second: string): Estimate | null {
  return pairedDifference(valuesOf(rounds, first, 'goodput'), valuesOf(rounds, second, 'goodput'));
}

const isAbove = (difference: Estimate | null): boolean => difference !== null && difference.low > 0;
