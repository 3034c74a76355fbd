import { faultsMet, type Met, measuredVariants } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, plural } from '#lab/text/format.ts';
import { type Conclusion, listed, type Rule, say, type Words } from './conclusion.ts';

/** What the lab itself broke, in whose way that stood, and in whose not. */
export function faults(result: Result): Conclusion[] {
  const points = [...broken(result)].map(([what, affected]) =>
    pointOf(what, affected, measuredVariants(result)),
  );
  if (points.length === 0) return [];
  return [{ rule: 'faults', tone: 'note', title: 'Something was broken on purpose', points }];
}

/** The same rule, whose conclusions say what was broken meanwhile, since that may be the cause of what they see. */
export const meanwhile =
  (rule: Rule): Rule =>
  (result) => {
    const all = [...broken(result).keys()];
    if (all.length === 0) return rule(result);
    const what = all.length > 2 ? `${plural(all.length, 'fault')} came and went` : all.join(' and ');
    return rule(result).map((conclusion) =>
      conclusion.dated ? conclusion : { ...conclusion, title: `${conclusion.title}, while ${what}` },
    );
  };

/** `gateway was killed`, and the variants in which it was. */
function broken(result: Result): Map<string, { variant: VariantResult; fault: Met }[]> {
  const all = measuredVariants(result).flatMap((variant) =>
    faultsMet(variant).map((fault) => ({ variant, fault })),
  );
  return Map.groupBy(all, ({ fault }) => `${fault.target} was ${fault.done}`);
}

function pointOf(
  what: string,
  affected: readonly { variant: VariantResult; fault: Met }[],
  all: readonly VariantResult[],
): Words {
  const variants = [...new Set(affected.map(({ variant }) => variant))];
  const spans = affected.filter(({ variant }) => variant === variants[0]).map(({ fault }) => span(fault));
  const spared = all.filter((variant) => !variants.includes(variant));
  const when = say`${what} ${spans.join(' and ')}`;
  if (spared.length === 0) return say`${when} in every variant.`;
  return say`${when}; ${listed(variants)} ${inNumber(variants.length, 'passes', 'pass')} it and ${listed(spared)} ${inNumber(spared.length, 'does', 'do')} not, so a difference between them may be the fault's doing.`;
}

const span = ({ fromMs, untilMs }: Met): string => `from ${duration(fromMs)} to ${duration(untilMs)}`;
