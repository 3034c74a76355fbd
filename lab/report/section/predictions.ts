import { figureShown, metricName, predictedShown } from '#lab/experiment/hypothesis/metric-name.ts';
import { html, named, type Part } from '#lab/report/html.ts';
import { agreementOf, forecastNote } from '#lab/report/verdict.ts';
import type { Prediction, Result, VariantResult } from '#lab/result/result.ts';
import { inNumber, none, plural } from '#lab/text/format.ts';
import { type Section, table } from './section.ts';
import { simulatedPart } from './simulations.ts';

/** Compares the measurement with simulations of the experiment, and with the predictions in its file. */
export function predictionsSection(result: Result): Section | null {
  const [simulated, forecast] = [simulatedPart(result), lawPart(result)];
  if (!simulated || !forecast) return simulated ?? forecast;
  const { lead = null, body } = forecast;
  return {
    ...simulated,
    body: [
      simulated.body,
      html`<details><summary>Forecast in the file</summary><p class="lead">${lead}</p>${body}</details>`,
    ],
  };
}

function lawPart(result: Result): Section | null {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  if (predicting.length === 0) return null;
  const metrics = [...new Set(predicting.flatMap((each) => each.predictions.map(({ metric }) => metric)))];
  return {
    lead: `${forecastNote} A variant agrees if all its counts agree, or if its goodput at the deadline agrees. ${agreement(result, predicting)}`,
    body: [
      differences(result),
      table({
        caption: 'Measured, and below it the forecast with its tolerance or range',
        of: 'numbers',
        head: ['Variant', ...metrics.map(metricName)],
        rows: predicting.map((variant) => [
          html`${named(result, variant)}<br><small>${agreementOf(result, variant).words}</small>`,
          ...metrics.map((metric) => both(variant.predictions.find((each) => each.metric === metric))),
        ]),
      }),
    ],
  };
}

/** Returns, for example, `8 of 9 variants agree, and 30 of 33 figures are within tolerance.` */
function agreement(result: Result, variants: readonly VariantResult[]): string {
  const agreeing = variants.filter((variant) => agreementOf(result, variant).agrees).length;
  const figures = variants.flatMap(({ predictions }) => predictions);
  const met = figures.filter(({ ok }) => ok).length;
  return `${agreeing} of ${plural(variants.length, 'variant')} ${inNumber(agreeing, 'agrees', 'agree')}, and ${met} of ${plural(figures.length, 'figure')} ${inNumber(met, 'is', 'are')} within tolerance.`;
}

function differences(result: Result): Part {
  const rows = result.variants.flatMap((variant) =>
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
  );
  const head = ['Variant', 'Figure', 'Predicted', 'Measured', 'Tolerance', 'Why'];
  return rows.length > 0 && table({ caption: 'Where they differ, and why', head, rows });
}

function both(prediction: Prediction | undefined): Part {
  if (!prediction) return none;
  const { metric, measured, ok, tolerance, predictedMax } = prediction;
  return html`${ok ? '' : '≠ '}${figureShown(metric, measured)}<br><small>${predictedShown(prediction)}${predictedMax === undefined && ` ${tolerance}`}</small>`;
}
