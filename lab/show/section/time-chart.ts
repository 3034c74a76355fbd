import type { Result, Series, VariantResult } from '#lab/judge/result/result.ts';
import { count } from '#lab/kit/text/format.ts';
import { commonBands, shades } from '#lab/show/bands.ts';
import { linearScale, lineChart, timeStops } from '#lab/show/chart.ts';
import type { Html, Part } from '#lab/show/html.ts';
import { binMsOf, binnedColumn } from './bins.ts';

/** Points of a line. More would draw noise. */
const pointsMax = 120;
/** Maximum length of a time axis ÷ median length of the series. A longer one would squeeze the others. */
const stretchMax = 2;
/** End of the lines, in percent of the axis, from which on their letters stand at its edge. */
const edgePercent = 97;

export interface TimeChart {
  readonly column: Exclude<keyof Series, 'tMs'>;
  readonly title: string;
  readonly variants: readonly VariantResult[];
  /** Maps a value to percent of the height, from the bottom. */
  readonly up: (value: number) => number;
  /** Values with a label on the axis. */
  readonly ticks: readonly number[];
  readonly states?: readonly string[];
  readonly marks?: Part;
  readonly heightPx: number;
  readonly endMs: number;
  readonly note?: string;
}

/** Returns the end of a time axis for series of these variants, at least one. It may cut off a long one. */
export function axisEndMs(variants: readonly VariantResult[]): number {
  const ends = variants.map(({ series }) => series.tMs.at(-1) ?? 0).sort((a, b) => a - b);
  return Math.min(ends.at(-1)!, stretchMax * ends[ends.length >> 1]!);
}

/** Draws a column of the series as a line for each variant, over shaded phases and faults. */
export function timeChart(result: Result, chart: TimeChart): Html {
  const { column, title, variants, up, ticks, states, marks = null, heightPx, endMs } = chart;
  const binMs = lineBinMs(result, endMs);
  const x = linearScale(endMs);
  const lines = variants.map((variant) => {
    const values = binnedColumn(variant.series, column, binMs, endMs);
    const points = values.map((value, i) =>
      value === null ? null : ([x((i + 0.5) * binMs), Number((100 - up(value)).toFixed(2))] as const),
    );
    const end = points.findLast((point) => point !== null);
    return {
      index: result.variants.indexOf(variant),
      points,
      values: values.map((value) => (value === null ? '' : Number(value.toPrecision(3)))).join(),
      // The broker keeps its backlog while it does not answer.
      isHeld: column === 'backlog',
      ...(end && end[0] < edgePercent && { letterAt: end }),
    };
  });
  const courses = variants.map(({ name, series }) => `${name}: ${spokenCourse(series[column], states)}`);
  return lineChart({
    label: `${title} over time. ${courses.join('. ')}.${chart.note ?? ''}`,
    lines,
    x: timeStops(endMs, 8),
    y: ticks.map((value) => ({ at: 100 - up(value), text: states?.[value] ?? count(value) })),
    marks: [
      shades(
        commonBands(result, variants).filter(({ fromMs }) => fromMs < endMs),
        x,
      ),
      marks,
    ],
    heightPx,
  });
}

/** Returns the time of a point of all lines in a report. */
export const lineBinMs = ({ variants }: Pick<Result, 'variants'>, endMs: number): number =>
  binMsOf(variants, endMs, pointsMax);

/** Describes a column for screen readers: `at most 1,528, at the end 0`. */
function spokenCourse(column: readonly (number | null)[], states: readonly string[] | undefined): string {
  const known = column.filter((value) => value !== null);
  if (known.length === 0) return 'not measured';
  const say = (value: number) => states?.[value] ?? count(value);
  return `at most ${say(Math.max(...known))}, at the end ${say(known.at(-1)!)}`;
}
