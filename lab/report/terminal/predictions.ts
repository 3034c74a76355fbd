import { number, plural } from '#lab/format.ts';
import { agreementOf } from '#lab/report/agreement.ts';
import { figureShown, metricName } from '#lab/report/metric-name.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { mark, type Paint, wrap } from './paper.ts';

/** More figures of a variant than these are only counted. */
const shownMax = 6;

/** Whether each variant agrees, as the report has it, what was measured of it, and in brackets what had been predicted. */
export function predictionLines(result: Result, paint: Paint, width: number): string[] {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  if (predicting.length === 0) return [];
  const lines = predicting.flatMap((variant) => {
    const { agrees, words } = agreementOf(result, variant);
    const all = `${variant.name} ${words}: ${figuresOf(variant)}`;
    const [first = '', ...more] = wrap(all, width - 2, '');
    return [`${mark(agrees, paint)} ${first}`, ...more.map((line) => `  ${line}`)];
  });
  return [paint('dim', 'Measured, and predicted in brackets:'), ...lines];
}

function figuresOf({ predictions }: VariantResult): string {
  const met = predictions.filter(({ ok }) => ok).length;
  if (predictions.length > shownMax)
    return `${number(met)} of ${plural(predictions.length, 'figure')} as predicted`;
  const shown = predictions.map(({ metric, measured, predicted }) =>
    `${metricName(metric)} ${figureShown(metric, measured)} (${figureShown(metric, predicted)})`.replaceAll(
      ' ',
      '\u00a0',
    ),
  );
  return shown.join(', ');
}
