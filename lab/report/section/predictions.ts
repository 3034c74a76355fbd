import { figureShown, metricName, predictedShown } from '#lab/experiment/hypothesis/metric-name.ts';
import { agreementOf, forecastNote } from '#lab/report/agreement.ts';
import { html, type Part } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import { isWithinModel } from '#lab/result/facts.ts';
import type { Prediction, Result, VariantResult } from '#lab/result/result.ts';
import { inNumber, plural } from '#lab/text/format.ts';
import { type Section, table } from './section.ts';

/** Section that shows forecast and measurement side by side, and why they differ. */
export function predictionsSection(result: Result): Section | null {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  if (predicting.length === 0) return null;
  const metrics = [
    ...new Set(predicting.flatMap(({ predictions }) => predictions.map(({ metric }) => metric))),
  ];
  return {
    id: 'predictions',
    short: 'Predictions',
    title: 'Predicted and measured',
    lead: `${forecastNote} A variant agrees (= in every figure, ≈ in part) when all its counts do, or its goodput at the deadline. ${agreement(result, predicting)}`,
    body: [
      predicting.some(({ predictions }) => predictions.some(({ ok }) => !ok)) && differences(result),
      table({
        caption: 'Measured, and below it the forecast with its tolerance or range',
        of: 'numbers',
        head: ['Variant', ...metrics.map(metricName)],
        rows: predicting.map((variant) => [
          html`${named(result, variant)}<br>${agreementMark(result, variant)}`,
          ...metrics.map((metric) => both(variant.predictions.find((each) => each.metric === metric))),
        ]),
      }),
    ],
  };
}

/** How many variants agree, how many of those that a model of the system speaks of, and how many figures. */
function agreement(result: Result, variants: readonly VariantResult[]): string {
  const within = variants.filter(isWithinModel);
  const rest =
    within.length === variants.length
      ? ''
      : within.length === 0
        ? '; the generator or downstream was saturated in every one'
        : `; where neither the generator nor downstream was saturated, ${tally(result, within)}`;
  const figures = variants.flatMap(({ predictions }) => predictions);
  const met = figures.filter(({ ok }) => ok).length;
  return `${tally(result, variants)}${rest}. ${met} of ${plural(figures.length, 'figure')} ${inNumber(met, 'is', 'are')} within tolerance.`;
}

/** `8 of 9 variants do`. */
function tally(result: Result, variants: readonly VariantResult[]): string {
  const agree = variants.filter((variant) => agreementOf(result, variant).agrees).length;
  return `${agree} of ${plural(variants.length, 'variant')} ${inNumber(agree, 'does', 'do')}`;
}

function agreementMark(result: Result, variant: VariantResult): Part {
  const { sign, words } = agreementOf(result, variant);
  return `${sign} ${words}`;
}

function differences(result: Result): Part {
  return table({
    caption: 'Where they differ, and why',
    head: ['Variant', 'Figure', 'Predicted', 'Measured', 'Tolerance', 'Why'],
    rows: result.variants.flatMap((variant) =>
      variant.predictions
        .filter(({ ok }) => !ok)
        .map((each, i, missed) => [
          named(result, variant),
          metricName(each.metric),
          predictedShown(each),
          figureShown(each.metric, each.measured),
          each.tolerance,
          html`<span class="why">${each.why === missed[i - 1]?.why ? 'as above' : each.why}</span>`,
        ]),
    ),
  });
}

function both(prediction: Prediction | undefined): Part {
  if (!prediction) return null;
  const { metric, measured, ok, tolerance, predictedMax } = prediction;
  return html`${ok ? '' : '≠ '}${figureShown(metric, measured)}<br><small>${predictedShown(prediction)}${predictedMax === undefined && ` ${tolerance}`}</small>`;
}
