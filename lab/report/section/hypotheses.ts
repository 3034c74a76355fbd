import { isClose, sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { figureShown, metricName, predictedShown } from '#lab/experiment/hypothesis/metric-name.ts';
import { html, named, type Part } from '#lab/report/html.ts';
import { agreementOf, forecastNote, judged, noVerdict } from '#lab/report/verdict.ts';
import { isWithinModel } from '#lab/result/facts.ts';
import type { HypothesisResult, Prediction, Result, VariantResult } from '#lab/result/result.ts';
import { inNumber, none, plural } from '#lab/text/format.ts';
import { type Section, table, verdictMark } from './section.ts';

/** Maximum number of unfolded rows. Hypotheses that failed or held by a small margin are unfolded in any case. */
const openMax = 6;

export function hypothesesSection(result: Result): Section | null {
  const all = judged(result).toSorted(byInterest);
  if (all.length === 0) return null;
  const first = Math.max(openMax, all.filter((hypothesis) => interestOf(hypothesis) < 2).length);
  const rest = all.slice(first);
  return {
    lead: [
      result.status === 'invalid' && `${noVerdict} `,
      result.rounds !== undefined &&
        'Over rounds a hypothesis holds if it holds in the whole interval of the mean, so chance does not explain it. One with == must hold in every round.',
    ],
    body: [
      hypothesesTable('What must hold, and what was measured', all.slice(0, first)),
      rest.length > 0 &&
        html`<details><summary>${plural(rest.length, 'more hypothesis')}${rest.every(({ ok }) => ok) && ` ${inNumber(rest.length, 'holds', 'hold')}`}</summary>${hypothesesTable('More that must hold', rest)}</details>`,
    ],
  };
}

const hypothesesTable = (caption: string, some: Result['hypotheses']): Part =>
  table({
    caption,
    head: ['Hypothesis', 'Verdict', 'Measured'],
    rows: some.map((hypothesis) => [
      html`<code>${wholeNames(hypothesis.text)}</code>`,
      verdictMark(hypothesis.ok, wordOf(hypothesis)),
      sidesText(hypothesis),
    ]),
  });

/** Keeps a name with hyphens on one line if there is room. */
const wholeNames = (text: string): Part =>
  text
    .split(/(\w+(?:-\w+)+)/)
    .map((part, index) => (index % 2 === 1 ? html`<span class="whole">${part}</span>` : part));

/**
 * Orders hypotheses: first those that failed, then those that held by a small margin, those that were not judged, and
 * the others.
 */
const byInterest = (a: HypothesisResult, b: HypothesisResult): number => interestOf(a) - interestOf(b);

function interestOf(hypothesis: HypothesisResult): number {
  if (hypothesis.ok === false) return 0;
  if (hypothesis.ok === null) return 2;
  return isClose(hypothesis) ? 1 : 3;
}

function wordOf(hypothesis: HypothesisResult): string {
  if (hypothesis.ok === null) return 'not judged';
  if (!hypothesis.ok) return 'fails';
  return isClose(hypothesis) ? 'holds by a small margin' : 'holds';
}

export function predictionsSection(result: Result): Section | null {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  if (predicting.length === 0) return null;
  const metrics = [...new Set(predicting.flatMap((each) => each.predictions.map(({ metric }) => metric)))];
  return {
    lead: `${forecastNote} Signs: = all figures agree; ≈ all counts agree, or the goodput at the deadline does; ≠ neither. A variant with = or ≈ agrees. ${agreement(result, predicting)}`,
    body: [
      differences(result),
      table({
        caption: 'Measured, and below it the forecast with its tolerance or range',
        of: 'numbers',
        head: ['Variant', ...metrics.map(metricName)],
        rows: predicting.map((variant) => {
          const { sign, words } = agreementOf(result, variant);
          return [
            html`${named(result, variant)}<br>${sign} ${words}`,
            ...metrics.map((metric) => both(variant.predictions.find((each) => each.metric === metric))),
          ];
        }),
      }),
    ],
  };
}

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

/** Returns, for example, `8 of 9 variants agree`. */
function tally(result: Result, variants: readonly VariantResult[]): string {
  const agree = variants.filter((variant) => agreementOf(result, variant).agrees).length;
  return `${agree} of ${plural(variants.length, 'variant')} ${inNumber(agree, 'agrees', 'agree')}`;
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
