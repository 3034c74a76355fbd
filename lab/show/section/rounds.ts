import { formatOfDifference } from '#lab/experiment/hypothesis/metric-name.ts';
import { type MetricName, metrics } from '#lab/experiment/hypothesis/metrics.ts';
import { type Format, interval, none, plural, share } from '#lab/experiment/text/format.ts';
import { type Estimate, pairedDifference, student } from '#lab/judge/statistics/bootstrap.ts';
import {
  byMeanGoodput,
  differenceOf,
  meanOver,
  valuesOf,
  variantNames,
} from '#lab/judge/statistics/estimates.ts';
import type { Result, Round } from '#lab/result/result.ts';
import { linearScale, rowChart } from '#lab/show/chart.ts';
import { type Html, html, keyOf, namedAt, type Part } from '#lab/show/html.ts';
import { figuresTable } from './figures.ts';
import { type Section, table } from './section.ts';

/** Figures whose differences are shown. */
const compared = ['goodput', 'amplification', 'p99'] as const;

export function roundsSection(result: Result): Section | null {
  const { rounds } = result;
  if (!rounds) return null;
  const names = byMeanGoodput(rounds);
  const title = `Over ${plural(rounds.length, 'round')}`;
  if (names.length === 0)
    return { title, lead: 'No variant ended, so there are no figures.', body: eachRound(rounds, names) };
  const few = rounds.length < 10 ? ' Use 10 rounds or more for a claim.' : '';
  return {
    title,
    lead: `Small dots are the goodput of each round, large ones their mean, with its 95 % confidence interval.${few}`,
    body: [
      goodputs(rounds, names),
      html`<details><summary>Other figures, and differences</summary>${figuresTable(result, 'Mean of each figure, and below it its 95 % interval')}${names.length > 1 && compared.map((metric) => differences(rounds, names, metric))}</details>`,
      html`<details><summary>Each round, with its report</summary><p class="footnote">Each round ran every variant with the next seed, on a separate testbed unless attached to one. The intervals are a bootstrap over rounds, never over requests (expanded percentiles, Hesterberg 2015; Student’s t for fewer than five). The probability of a collapse has Wilson’s interval.</p>${eachRound(rounds, names)}</details>`,
    ],
  };
}

/** Renders a variant's name with its letter, which follows the order of the file. */
const head = (rounds: readonly Round[], name: string): Html =>
  namedAt(variantNames(rounds).indexOf(name), name);

/**
 * Renders a chart with a small dot per round, a large dot for the mean, and a line for the interval of the mean. Two
 * clusters of small dots show that some rounds collapsed.
 */
const goodputs = (rounds: readonly Round[], names: readonly string[]): Part => {
  const x = linearScale(1.04);
  const dot = (value: number, radius: number, text: string) =>
    html`<circle cx="${x(value + 0.02)}%" cy="50%" r="${radius}"><title>${text}</title></circle>`;
  const rows = names.map((name) => {
    const mean = meanOver(rounds, name, 'goodput');
    const bySeed = valuesOf(rounds, name, 'goodput');
    const line =
      mean &&
      !Number.isNaN(mean.low) &&
      html`<line x1="${x(mean.low + 0.02)}%" x2="${x(mean.high + 0.02)}%" y1="50%" y2="50%"/>`;
    const dots = [...bySeed].map(
      ([seed, value]) => value !== null && dot(value, 3.5, `seed ${seed}: ${share(value)}`),
    );
    const shown = mean ? `${share(mean.value)} (${interval(mean, share)})` : none;
    const { colour } = keyOf(variantNames(rounds).indexOf(name));
    return {
      head: head(rounds, name),
      marks: html`<g class="range ${colour}">${line}${mean && dot(mean.value, 7, shown)}${dots}</g>`,
      label: `${name}: goodput ${shown} in the mean`,
      value: mean ? html`<strong>${share(mean.value)}</strong> · ${interval(mean, share)}` : none,
    };
  });
  return html`<figure><figcaption>Goodput of each round, and its mean</figcaption>
${rowChart(
  rows,
  [0, 0.25, 0.5, 0.75, 1].map((value) => ({ at: x(value + 0.02), text: share(value) })),
)}</figure>`;
};

/**
 * Renders a table of paired differences. In each round all variants get the same arrivals and draws, so these don't
 * contribute to a difference.
 */
const differences = (rounds: readonly Round[], names: readonly string[], metric: MetricName): Part =>
  table({
    caption: `By how much the ${metric} of a row exceeds that of a column, seed by seed${metrics[metric].unit === 'share' ? ', in percentage points' : ''}; bold where chance does not explain it, for all pairs and figures together`,
    of: 'numbers',
    head: ['Variant', ...names.map((name) => head(rounds, name))],
    rows: names.map((row) => [
      head(rounds, row),
      ...names.map((column): Part => {
        if (row === column) return null;
        const [a, b] = [row, column].map((name) => valuesOf(rounds, name, metric));
        const difference = differenceOf(metric, pairedDifference(a!, b!));
        const shown = estimate(difference, formatOfDifference(metrics[metric].unit));
        const isBold = isBeyondChance(difference, rounds.length - 1, names.length);
        return isBold ? html`<strong>${shown}</strong>` : shown;
      }),
    ]),
  });

/** Corrects the interval of a difference for the number of differences (Bonferroni). */
function isBeyondChance(difference: Estimate | null, freedom: number, variants: number): boolean {
  const { value, low, high } = difference ?? { value: 0, low: 0, high: 0 };
  const more = 2 * Math.log((compared.length * variants * (variants - 1)) / 2);
  const wider = student(freedom, 1.96 ** 2 + more) / student(freedom, 1.96 ** 2);
  return Math.abs(value) > wider * (value > 0 ? value - low : high - value);
}

const eachRound = (rounds: readonly Round[], names: readonly string[]): Part =>
  table({
    caption: `${names.length > 0 ? 'Goodput' : 'Verdict'} in each round; the report of a round has the other figures`,
    of: 'numbers',
    head: ['Round', 'Verdict', ...names.map((name) => head(rounds, name))],
    rows: rounds.map(({ seed, status, variants }) => [
      html`<a href="rounds/${seed}/report.html">seed ${seed}</a>`,
      status,
      ...names.map((name) => {
        const variant = variants.find((each) => each.name === name);
        const goodput = variant?.values.goodput ?? null;
        if (!variant || goodput === null) return none;
        return html`${share(goodput)}${variant.collapsed && html`<br><small>collapsed</small>`}`;
      }),
    ]),
  });

const estimate = (of: Estimate | null, format: Format): Part =>
  of ? html`${format(of.value)}<br><small>${interval(of, format)}</small>` : none;
