import { number, plural } from '#lab/report/format.ts';
import { figureShown, metricName } from '#lab/report/metric-name.ts';
import type { Result, VariantResult } from '#lab/result.ts';
import { mark, type Paint, wrap } from './paper.ts';

/** More figures of a variant than these are only counted. */
const shownMax = 4;

/** What was measured of each variant, and in brackets what had been predicted. */
export function predictionLines({ variants }: Result, paint: Paint, width: number): string[] {
  const predicting = variants.filter(({ predictions }) => predictions.length > 0);
  if (predicting.length === 0) return [];
  const lines = predicting.flatMap((variant) => {
    const [first = '', ...more] = wrap(`${variant.name}: ${figuresOf(variant)}`, width - 2, '');
    return [
      `${mark(
        variant.predictions.every(({ ok }) => ok),
        paint,
      )} ${first}`,
      ...more.map((line) => `  ${line}`),
    ];
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
