import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import type { Span } from '#lab/experiment/span.ts';
import { count, duration } from '#lab/experiment/text/format.ts';
import type { Result, Series, VariantResult } from '#lab/judge/result/result.ts';
import { meanOf } from '#lab/judge/statistics/bootstrap.ts';
import { badge, html, jsonElement, keyOf, type Part } from '#lab/show/html.ts';
import type { Section } from './section.ts';

type ColumnName = Exclude<keyof Series, 'tMs'>;

interface Panel {
  readonly column: ColumnName;
  readonly title: string;
  readonly short: string;
  /** Column that is drawn as a grey area behind the lines. */
  readonly behind?: ColumnName;
  readonly states?: readonly string[];
}

const panels: readonly Panel[] = [
  {
    column: 'goodput',
    title: 'Goodput and offered requests (grey) per second, by scheduled time',
    short: 'Goodput per second',
    behind: 'offered',
  },
  { column: 'inFlight', title: 'Calls in flight at the dependency', short: 'In flight' },
  {
    column: 'retries',
    title: 'Retries (refused ones, too) or redeliveries per second',
    short: 'Retries per second',
  },
  { column: 'backlog', title: 'Backlog', short: 'Backlog' },
  { column: 'breaker', title: 'Breaker state', short: 'Breaker', states: ['closed', 'half-open', 'open'] },
  { column: 'dead', title: 'Dead letters so far', short: 'Dead letters' },
];

export function seriesSection(result: Result): Section | null {
  const sampled = result.variants.filter(({ series }) => series.tMs.length > 1);
  if (sampled.length === 0) return null;
  const measured = panels.filter(({ column }) =>
    sampled.some((v) => v.series[column].some((value) => value !== null)),
  );
  const drawn = measured.filter(
    ({ column, states }) =>
      states || sampled.some((v) => v.series[column].some((value) => value !== 0 && value !== null)),
  );
  const absent = measured.filter((panel) => !drawn.includes(panel)).map(({ short }) => short.toLowerCase());
  const chosen = picked(result, sampled);
  const endMs = axisEndMs(sampled);
  const isCut = sampled.some(({ series }) => series.tMs.at(-1)! > endMs);
  const button = (variant: VariantResult): Part => {
    const index = result.variants.indexOf(variant);
    return html`<button type="button" data-variant="${index}" aria-pressed="${chosen.includes(variant) ? 'true' : 'false'}">${badge(index)}${variant.name}</button>`;
  };
  return {
    lead: html`${chosen.length < sampled.length && 'Choose the variants that the charts show. '}The horizontal axis is the time since the load began${isCut && `, at first until ${duration(endMs)}`}. Gaps: the process did not answer.<span class="mouse"> Drag to zoom in, double-click to see all; arrow keys move the cursor of a focused chart.</span>`,
    body: html`${sampled.length > 1 && html`<div class="chooser" role="group" aria-label="Variants shown over time">${sampled.map(button)}</div>`}
<div class="panels">${drawn.map(panelFrame)}</div>
${absent.length > 0 && html`<p class="footnote">Always 0 in every variant: ${absent.join(', ')}.</p>`}
<p class="unscripted">These charts need JavaScript; the raw series are in the run's folder.</p>
${jsonElement('series-data', {
  panels: drawn,
  ...(isCut && { endMs }),
  variants: sampled.map((variant) => ({
    ...keyOf(result.variants.indexOf(variant)),
    index: result.variants.indexOf(variant),
    name: variant.name,
    series: downsample(variant.series),
    spoken: Object.fromEntries(drawn.map((panel) => [panel.column, spokenCourse(variant, panel)])),
    bands: bandsOf(variant),
  })),
})}`,
  };
}

interface Band extends Span {
  readonly name: string;
  readonly kind: 'phase' | 'fault';
}

/** Returns the phases, faults and redrives of a variant as the bands that the charts shade. */
function bandsOf({ faults, redrives, windows }: VariantResult): Band[] {
  const phases = windows.flatMap(({ name, span }) =>
    span && name.startsWith('phase ')
      ? [{ name: name.slice('phase '.length), kind: 'phase' as const, ...span }]
      : [],
  );
  const all = [...faults, ...redrives.map((redrive) => ({ name: 'redrive', ...redrive }))];
  return [
    ...phases,
    ...all.flatMap(({ name, took }) => (took ? [{ name, kind: 'fault' as const, ...took }] : [])),
  ];
}

/**
 * Returns the bands of several variants. Bands of the same name become one band, from the earliest start to the latest
 * end.
 */
export function commonBands(variants: readonly VariantResult[]): Band[] {
  const groups = Map.groupBy(variants.flatMap(bandsOf), ({ kind, name }) => `${kind} ${name}`);
  return [...groups.values()].map((bands) => ({
    ...bands[0]!,
    fromMs: Math.min(...bands.map(({ fromMs }) => fromMs)),
    untilMs: Math.max(...bands.map(({ untilMs }) => untilMs)),
  }));
}

const panelFrame = ({ column, title }: Panel): Part =>
  html`<figure class="panel" data-column="${column}" tabindex="0" aria-label="${title}, over time"><figcaption>${title}</figcaption><div class="canvas"></div></figure>
`;

/** Maximum number of variants that are all shown at first. */
const allMax = 4;

/** Picks the variants that are shown at first: of many, the best, the worst, and one whose breaker opened. */
function picked(result: Result, variants: readonly VariantResult[]): readonly VariantResult[] {
  if (variants.length <= allMax) return variants;
  const value = ({ name }: VariantResult, metric: MetricName) => valueIn(result, name, metric) ?? 0;
  const ranked = variants.toSorted(
    (a, b) =>
      value(b, 'goodput') - value(a, 'goodput') || value(a, 'amplification') - value(b, 'amplification'),
  );
  const opened = ranked.find(({ series }) => series.breaker.some((state) => state === 2));
  return [ranked[0], ranked.at(-1), opened].filter((variant) => variant !== undefined);
}

/** Maximum length of a time axis ÷ median length of the series. A longer one would squeeze the others. */
const stretchMax = 2;

/** Returns the end of a time axis for series of these variants, at least one. It may cut off a long one. */
export function axisEndMs(variants: readonly VariantResult[]): number {
  const ends = variants.map(({ series }) => series.tMs.at(-1) ?? 0).sort((a, b) => a - b);
  return Math.min(ends.at(-1)!, stretchMax * ends[ends.length >> 1]!);
}

/** Describes a column for screen readers: `at most 1,528, at the end 0`; null if nothing was measured. */
function spokenCourse({ series }: VariantResult, { column, states }: Panel): string | null {
  const known = series[column].filter((value) => value !== null);
  if (known.length === 0) return null;
  const say = (value: number) => states?.[value] ?? count(value);
  return `at most ${say(Math.max(...known))}, at the end ${say(known.at(-1)!)}`;
}

const pointsMax = 400;

const roundedTo4 = (value: number): number => Number(value.toPrecision(4));

/** Functions that merge neighbouring values of a column. Columns that are not listed take the mean. */
const merged: Partial<Record<keyof Series, (values: readonly number[]) => number>> = {
  tMs: ([first = 0]) => Math.round(first * 10) / 10,
  inFlight: (counts) => Math.max(...counts),
  breaker: (states) => Math.max(...states),
  dead: (counts) => roundedTo4(counts.at(-1) ?? 0),
};

/**
 * Merges the points of a series to at most 400, so that reports of long runs stay small. Drops columns without values.
 */
export function downsample(series: Series): Partial<Series> {
  const size = Math.ceil(series.tMs.length / pointsMax);
  const reduced = Object.entries(series).map(([name, column]: [string, readonly (number | null)[]]) => {
    const merge = merged[name as keyof Series] ?? ((values) => roundedTo4(meanOf(values)));
    const starts = column.flatMap((_, i) => (i % size === 0 ? i : []));
    return [
      name,
      starts.map((start) => {
        const values = column.slice(start, start + size).filter((value) => value !== null);
        return values.length > 0 ? merge(values) : null;
      }),
    ] as const;
  });
  return Object.fromEntries(reduced.filter(([, column]) => column.some((value) => value !== null)));
}
