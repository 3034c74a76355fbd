import { plural } from '#lab/report/format.ts';
import type { Result } from '#lab/result.ts';
import { type Conclusion, say } from './conclusion.ts';

/** How far what was measured agrees with what was expected beforehand. */
export function prediction(result: Result): Conclusion[] {
  const all = result.variants.flatMap((variant) => variant.predictions);
  const off = result.variants.filter((variant) => variant.predictions.some((each) => !each.ok));
  const agree = all.filter((each) => each.ok).length;
  if (all.length === 0) return [];
  if (off.length === 0) {
    return [
      {
        rule: 'prediction',
        tone: 'good',
        title: 'Prediction and measurement agree',
        points: [say`All ${plural(all.length, 'predicted figure')} were met within their tolerance.`],
      },
    ];
  }
  return [
    {
      rule: 'prediction',
      tone: 'note',
      title: `${agree} of ${plural(all.length, 'prediction')} agree`,
      points: off.map((variant) => {
        const missed = variant.predictions.filter((each) => !each.ok);
        const why = [...new Set(missed.map((each) => each.why).filter((text) => text !== ''))].join(' ');
        return say`${variant} differs in ${missed.map((each) => each.metric).join(', ')}${why === '' ? '.' : `: ${why}`}`;
      }),
    },
  ];
}
