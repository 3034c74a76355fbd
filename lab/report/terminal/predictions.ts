import { figureShown, metricName, predictedShown } from '#lab/experiment/hypothesis/metric-name.ts';
import { agreementOf, forecastNote } from '#lab/report/agreement.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { number, plural } from '#lab/text/format.ts';
import { type Paint, wrap } from './paper.ts';

/** More figures of a variant than these are only counted. */
const shownMax = 6;

/** Lines that compare each variant with its forecast, in brackets. Neutral, since differences affect no verdict. */
export function predictionLines(result: Result, paint: Paint, width: number): string[] {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  if (predicting.length === 0) return [];
  const lines = predicting.flatMap((variant) => {
    const { sign, words } = agreementOf(result, variant);
    return wrap(`${sign} ${variant.name} ${words}: ${figuresOf(variant)}`, width, '  ');
  });
  return [...wrap(forecastNote, width, ''), ...lines].map((line) => paint('dim', line));
}

function figuresOf({ predictions }: VariantResult): string {
  const met = predictions.filter(({ ok }) => ok).length;
  if (predictions.length > shownMax)
    return `${number(met)} of ${plural(predictions.length, 'figure')} as predicted`;
  const shown = predictions.map((each) => {
    const { metric, measured } = each;
    return `${metricName(metric)} ${figureShown(metric, measured)} (${predictedShown(each)})`;
  });
  return shown.map((figure) => figure.replaceAll(' ', '\u00a0')).join(', ');
}
