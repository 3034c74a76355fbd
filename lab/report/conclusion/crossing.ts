import { measuredVariants, roundDeadlines } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, share } from '#lab/text/format.ts';
import { type Conclusion, say } from './conclusion.ts';
import { goodputOf, isAhead, lead } from './difference.ts';

/** The pair of variants whose order turns round most clearly as the deadline grows. */
export function crossing(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const deadlines = roundDeadlines(result);
  let clearest: {
    early: VariantResult;
    late: VariantResult;
    at: number;
    from: number;
    least: number;
  } | null = null;
  for (const early of variants) {
    for (const late of variants) {
      const by = (deadline: number) => lead(early, late, deadline);
      const at = extreme(deadlines, by);
      const from = extreme(
        deadlines.filter((deadline) => deadline > (at ?? Infinity)),
        (d) => -by(d),
      );
      if (at === null || from === null) continue;
      if (!isAhead(early, late, at) || !isAhead(late, early, from)) continue;
      const least = Math.min(by(at), -by(from));
      if (least > (clearest?.least ?? 0)) clearest = { early, late, at, from, least };
    }
  }
  if (!clearest) return [];
  const { early, late, at, from } = clearest;
  const value = (variant: VariantResult, deadline: number) => share(goodputOf(variant, deadline));
  return [
    {
      rule: 'crossing',
      tone: 'note',
      title: 'Which of two is better depends on how long the caller waits',
      points: [
        say`At ${duration(at)} ${early} is ahead of ${late} (${value(early, at)} against ${value(late, at)}); at ${duration(from)} it is behind (${value(early, from)} against ${value(late, from)}).`,
      ],
    },
  ];
}

/** The deadline where a value is largest, the earliest of equals. */
function extreme(deadlines: readonly number[], of: (deadline: number) => number): number | null {
  return deadlines.reduce<number | null>((best, d) => (best === null || of(d) > of(best) ? d : best), null);
}
