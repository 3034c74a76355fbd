import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { byGoodput } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { valuesOf } from '#lab/judge/statistics/rounds.ts';
import { interval, none, plural, share } from '#lab/kit/text/format.ts';
import { linearScale, rowChart } from '#lab/show/chart.ts';
import { html, keyOf, named, type Part } from '#lab/show/html.ts';
import { figuresTable } from './figures.ts';
import { type Section, table } from './section.ts';

export function roundsSection(result: Result): Section | null {
  const { rounds } = result;
  if (!rounds) return null;
  const variants = byGoodput(result);
  const title = `Over ${plural(rounds.length, 'round')}`;
  if (variants.length === 0)
    return { title, lead: 'No variant ended, so there are no figures.', body: eachRound(result, variants) };
  const few = rounds.length < 10 ? ' Use 10 rounds or more for a claim.' : '';
  return {
    title,
    lead: `Small dots are the goodput of each round, large ones their mean, with its 95 % confidence interval.${few}`,
    body: [
      goodputs(result, variants),
      html`<details><summary>Other figures</summary>${figuresTable(result, 'Mean of each figure, and below it its 95 % interval')}</details>`,
      html`<details><summary>Each round, with its report</summary><p class="footnote">Each round ran every variant with the next seed, on a separate testbed unless attached to one. The intervals are a bootstrap over rounds, never over requests (expanded percentiles, Hesterberg 2015; Student’s t for fewer than five). The probability of a collapse has Wilson’s interval.</p>${eachRound(result, variants)}</details>`,
    ],
  };
}

/**
 * Renders a chart with a small dot per round, a large dot for the mean, and a line for the interval of the mean. Two
 * clusters of small dots show that some rounds collapsed.
 */
const goodputs = (result: Result, variants: readonly VariantResult[]): Part => {
  const x = linearScale(1.04);
  const dot = (value: number, radius: number, text: string) =>
    html`<circle cx="${x(value + 0.02)}%" cy="50%" r="${radius}"><title>${text}</title></circle>`;
  const rows = variants.map((variant) => {
    const { name } = variant;
    const { value = null, low, high } = figureAt(result.figures, { variant: name, metric: 'goodput' }) ?? {};
    const bySeed = valuesOf(result, name, 'goodput');
    const ends = typeof low === 'number' ? { low, high: high! } : undefined;
    const line =
      ends !== undefined &&
      html`<line x1="${x(ends.low + 0.02)}%" x2="${x(ends.high + 0.02)}%" y1="50%" y2="50%"/>`;
    const dots = [...bySeed].map(
      ([seed, value]) => value !== null && dot(value, 3.5, `seed ${seed}: ${share(value)}`),
    );
    const around = ends ? interval(ends, share) : none;
    const shown = value === null ? none : `${share(value)} (${around})`;
    const { colour } = keyOf(result.variants.indexOf(variant));
    return {
      head: named(result, variant),
      marks: html`<g class="range ${colour}">${line}${value !== null && dot(value, 7, shown)}${dots}</g>`,
      label: `${name}: goodput ${shown} in the mean`,
      value: value === null ? none : html`<strong>${share(value)}</strong> · ${around}`,
    };
  });
  return html`<figure><figcaption>Goodput of each round, and its mean</figcaption>
${rowChart(
  rows,
  [0, 0.25, 0.5, 0.75, 1].map((value) => ({ at: x(value + 0.02), text: share(value) })),
)}</figure>`;
};

const eachRound = (result: Result, variants: readonly VariantResult[]): Part =>
  table({
    caption: `${variants.length > 0 ? 'Goodput' : 'Verdict'} in each round; the report of a round has the other figures`,
    of: 'numbers',
    head: ['Round', 'Verdict', ...variants.map((variant) => named(result, variant))],
    rows: (result.rounds ?? []).map(({ seed, status }) => [
      html`<a href="rounds/${seed}/report.html">seed ${seed}</a>`,
      status,
      ...variants.map(({ name: variant }) => {
        const at = (metric: MetricName) =>
          figureAt(result.figures, { variant, metric, round: seed })?.value ?? null;
        const goodput = at('goodput');
        return goodput === null
          ? none
          : html`${share(goodput)}${at('collapsed') === 1 && html`<br><small>collapsed</small>`}`;
      }),
    ]),
  });
