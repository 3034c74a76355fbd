import { agreementOf } from '#lab/report/agreement.ts';
import type { Result } from '#lab/result/result.ts';
import { inNumber, plural } from '#lab/text/format.ts';
import { type Conclusion, listed, say } from './conclusion.ts';

/** Counts the variants that agree with the forecast, and names the others. */
export function prediction(result: Result): Conclusion[] {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  if (predicting.length === 0) return [];
  const differing = predicting.filter((variant) => !agreementOf(result, variant).agrees);
  const agree = predicting.length - differing.length;
  const others =
    differing.length === 0
      ? []
      : say`${listed(differing)} ${inNumber(differing.length, 'differs', 'differ')}. `;
  return [
    {
      rule: 'prediction',
      tone: 'note',
      title: `${agree} of ${plural(predicting.length, 'variant')} ${inNumber(agree, 'agrees', 'agree')} with the forecast, in counts or in goodput`,
      points: [say`${others}Differences don't affect the verdict: see Predictions.`],
    },
  ];
}
