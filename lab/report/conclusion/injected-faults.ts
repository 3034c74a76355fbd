import { faultsMet, type Met, measuredVariants } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, plural } from '#lab/text/format.ts';
import { type Conclusion, conclude, listed, type Rule, say, type Words } from './conclusion.ts';

/** Lists the injected faults, and which variants they affected. */
export function injectedFaults(result: Result): Conclusion[] {
  const points = [...injectedIn(result)].map(([what, affected]) =>
    pointOf(what, affected, measuredVariants(result)),
  );
  return conclude('faults', 'note', 'Something was broken on purpose', points);
}

/** Extends a rule: its conclusions name the faults that were active, since those may be the cause. */
export const meanwhile =
  (rule: Rule): Rule =>
  (result) => {
    const all = [...injectedIn(result).keys()];
    if (all.length === 0) return rule(result);
    const what = all.length > 2 ? `${plural(all.length, 'fault')} came and went` : all.join(' and ');
    return rule(result).map((conclusion) =>
      conclusion.dated ? conclusion : { ...conclusion, title: `${conclusion.title}, while ${what}` },
    );
  };

/** Groups the faults by a text such as `gateway was killed`. */
function injectedIn(result: Result): Map<string, { variant: VariantResult; fault: Met }[]> {
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
