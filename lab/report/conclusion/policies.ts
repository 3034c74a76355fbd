import { brokenShare, shareOf } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { number, plural, share } from '#lab/text/format.ts';
import { type Conclusion, say, type Words } from './conclusion.ts';
import { optionContrasts, type PolicyContrast, policyContrasts } from './contrast.ts';
import { isAhead, lead, leadersOf } from './difference.ts';

const pointsMax = 4;

/** A breaker that refuses more than ever failed: it makes a partial failure worse. */
export function breaker(result: Result): Conclusion[] {
  const harmful = policyContrasts(result).filter(makesWorse);
  if (harmful.length === 0) return [];
  return [
    {
      rule: 'breaker',
      tone: 'bad',
      title: 'The breaker makes a partial failure worse',
      points: harmful.map(
        ({ without, with: guarded }) =>
          say`${guarded} lets only ${share(guarded.goodput)} of the requests through in time, where ${without}, the same pipeline without the breaker, gets ${share(without.goodput)} done. It refuses ${share(shareOf(guarded, 'rejected'))}, although only ${share(brokenShare(without))} fail without it.`,
      ),
    },
  ];
}

/** What exactly one more policy changes, where two variants differ by nothing else. */
export function onePolicy(result: Result): Conclusion[] {
  const contrasts = policyContrasts(result)
    .filter((contrast) => !makesWorse(contrast))
    .filter((contrast) => verdictOf(contrast) !== 'does not help' || priceOf(contrast) >= 1.5)
    .sort((a, b) => Math.abs(gain(b)) - Math.abs(gain(a)))
    .slice(0, pointsMax);
  if (contrasts.length === 0) return [];
  return [
    {
      rule: 'one-policy',
      tone: 'note',
      title: 'What one more policy changes',
      points: contrasts.map(effectOf),
    },
  ];
}

/** What one number decides, where variants differ by nothing else. */
export function oneOption(result: Result): Conclusion[] {
  return optionContrasts(result).flatMap(({ option, steps }): Conclusion[] => {
    const leaders = leadersOf(steps.map(({ variant }) => variant));
    const good = steps.map(({ variant }) => leaders.includes(variant));
    if (good.every(Boolean)) return [];
    const name = option.split('.').slice(-2).join(' ');
    const line = steps.flatMap(
      ({ value, variant }, i) =>
        say`${i > 0 ? '; ' : ''}${number(value)} in ${variant}: ${share(variant.goodput)}`,
    );
    const more = good.at(-1) ? '' : good[0] ? ' More is worse.' : ' Less is worse, and so is more.';
    return [
      {
        rule: 'one-option',
        tone: 'note',
        title: `One number decides: ${name}`,
        points: [say`Goodput with a ${name} of ${line}.${more}`],
      },
    ];
  });
}

const gain = (contrast: PolicyContrast): number => lead(contrast.with, contrast.without);

function makesWorse({ policy, without, with: guarded }: PolicyContrast): boolean {
  const refused = shareOf(guarded, 'rejected');
  return (
    policy === 'breaker' && refused >= 0.2 && refused > 2 * brokenShare(without) && isAhead(without, guarded)
  );
}

/** How many times the attempts per request grow with the policy. */
const priceOf = ({ without, with: more }: PolicyContrast): number =>
  without.amplification > 0 ? more.amplification / without.amplification : 1;

function verdictOf({ without, with: more }: PolicyContrast): 'helps' | 'harms' | 'does not help' {
  if (isAhead(more, without)) return 'helps';
  return isAhead(without, more) ? 'harms' : 'does not help';
}

function effectOf(contrast: PolicyContrast): Words {
  const { policy, without, with: more } = contrast;
  return say`${policy} ${verdictOf(contrast)}: ${without} completes ${share(without.goodput)} in time, ${more} ${share(more.goodput)}${costs(without, more)}.`;
}

function costs(without: VariantResult, more: VariantResult): string {
  if (number(without.amplification) === number(more.amplification)) return '';
  return `, at ${number(more.amplification)} instead of ${plural(without.amplification, 'attempt')} per request`;
}
