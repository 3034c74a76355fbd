import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { figureName } from '#lab/experiment/metrics/shown.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { disturbedIn, measuredVariants } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { duration, plural, share } from '#lab/kit/text/format.ts';
import { type Answer, answerIn, answersOf, worstFirst } from '#lab/show/answer.ts';
import { type Band, bandsOf, changeNames, commonBands, phaseLabel, ribbon, shades } from '#lab/show/bands.ts';
import { linearScale, type Scale, timeStops } from '#lab/show/chart.ts';
import { type Html, html, named, type Part } from '#lab/show/html.ts';
import { binMsOf, binned } from './bins.ts';
import type { Section } from './section.ts';

const binsMax = 45;
/** Share of a bar's place that it fills, and of the height that the highest bar fills: above it shows the shade. */
const filled = { width: 0.94, height: 85 };

const heads: Partial<Record<MetricName, string>> = {
  timeToRecover: 'recovers after',
  timeToDrain: 'backlog drained after',
  goodput: 'in time',
  peakInFlight: 'peak in flight',
  dropped: 'not accepted (dropped)',
  lost: 'accepted and lost',
};

/**
 * Shows the load of each variant over time, and how much of it completed in time, beside the figures that answer the
 * question; null if no load was sampled.
 */
export function stripsSection(result: Result): Section | null {
  const answers = answersOf(result);
  const [first] = answers;
  const measured = measuredVariants(result).filter(({ series }) => series.tMs.length > 1);
  if (measured.length === 0) return null;
  const variants = (first ? worstFirst(result, first) : result.variants).filter((each) =>
    measured.includes(each),
  );
  const endMs = Math.max(...variants.map(({ series }) => loadEndOf(series)));
  const binMs = binMsOf(variants, endMs, binsMax);
  const bins = variants.map(({ series }) => binned(series, binMs, endMs));
  const most = Math.max(...bins.flatMap(({ offered }) => offered));
  const x = linearScale(endMs);
  const bars = (rates: readonly number[], colour: string) =>
    rates.map((rate, i) => {
      const [from, high] = [x(i * binMs), (filled.height * rate) / most];
      const width = (x((i + 1) * binMs) - from) * filled.width;
      return (
        rate > 0 &&
        html`<rect class="${colour}" x="${from}%" y="${(100 - high).toFixed(1)}%" width="${width.toFixed(2)}%" height="${high.toFixed(1)}%"/>`
      );
    });
  const what = result.rounds ? `, means of ${plural(result.rounds.length, 'round')}` : '';
  const row = (variant: VariantResult, index: number) => {
    const isDisturbed = disturbedIn(result).includes(variant.name);
    const { offered, goodput } = bins[index]!;
    const drawn = [bars(offered, 'offered'), bars(goodput, 'in-time')];
    return html`<tr${isDisturbed && html` class="pale"`}><th scope="row">${named(result, variant)}${variant.description !== '' && html`<p>${variant.description}</p>`}</th>
<td class="course">${strip(result, variant, x, drawn)}${isDisturbed && html`<b class="stamp">not judged</b>`}</td>${answers.map((answer) => cell(result, variant, answer))}</tr>
`;
  };
  return {
    body: html`<table class="strips"><thead><tr><td></td><th scope="col"><ul class="legend"><li><i class="swatch o-ok"></i>completed within ${duration(result.experiment.deadlineMs)}</li><li><i class="swatch offered"></i>offered per second, at the time of sending${what}</li></ul>
<svg class="ribbon" height="18" aria-hidden="true">${ribbon(commonBands(result, variants), x)}</svg></th>${answers.map((answer) => html`<th scope="col">${headOf(answer)}</th>`)}</tr></thead>
<tbody>
${variants.map(row)}</tbody>
<tfoot aria-hidden="true"><tr><td></td><td><svg class="track">${timeStops(endMs, 6).map(({ at, text, anchor }) => html`<text x="${at}%" y="12" text-anchor="${anchor}">${text}</text>`)}</svg></td></tr></tfoot></table>`,
  };
}

const loadEndOf = ({ tMs, offered }: VariantResult['series']): number => {
  const last = offered.findLastIndex((rate) => (rate ?? 0) > 0);
  return (tMs[last] ?? 0) + (tMs[1] ?? 0);
};

function strip(result: Result, variant: VariantResult, x: Scale, bars: Part): Html {
  const causes = bandsOf(result, variant).filter(({ kind }) => kind !== 'phase');
  const total = share(valueIn(result, variant.name, 'goodput') ?? 0);
  const when = ({ fromMs, untilMs }: Band) =>
    fromMs === untilMs ? `at ${duration(fromMs)}` : `from ${duration(fromMs)} to ${duration(untilMs)}`;
  const label = `${variant.name} over time: ${total} of the requests completed in time${causes.map((band) => `; ${band.name} ${when(band)}`).join('')}`;
  return html`<svg class="strip" role="img" aria-label="${label}">${shades(causes, x)}${bars}${changeNames(causes, x)}</svg>`;
}

function headOf({ metric, window = '' }: Answer): Part {
  const name = heads[metric] ?? figureName(metric);
  const part = phaseLabel(window).replace(/^after phase .*/, '');
  const isSaid = metric === 'timeToRecover' || metric === 'timeToDrain' || part === '';
  return isSaid ? name : html`${name} <small>${part}</small>`;
}

function cell(result: Result, { name }: VariantResult, answer: Answer): Html {
  const { text, tone } = answerIn(result, name, answer);
  const colour = { green: 'good', red: 'bad', yellow: 'warned', dim: 'zero' };
  return html`<td><small aria-hidden="true">${headOf(answer)}</small><span${tone !== undefined && html` class="${colour[tone]}"`}>${text}</span></td>`;
}
