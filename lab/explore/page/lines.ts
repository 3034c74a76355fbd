import { crossingValues } from '#lab/explore/boundary.ts';
import type { SweepResult } from '#lab/explore/result.ts';
import { valuesOf } from '#lab/explore/values.ts';
import { number } from '#lab/kit/text/format.ts';
import { lineChart, niceStep } from '#lab/show/chart.ts';
import { type Html, html, keyOf, type Part } from '#lab/show/html.ts';
import { type Charted, ticksOf, type Value } from './figures.ts';

const ticksMax = 10;

/** Renders a figure over the values of the only path: a line with a band for each variant. */
export function linesOf({ paths }: Pick<SweepResult, 'paths'>, figure: Charted): Html {
  const [{ path, values, original }] = paths as [SweepResult['paths'][number]];
  const [first, last] = [values[0]!, values.at(-1)!];
  const x = (value: number) => (last > first ? (100 * (value - first)) / (last - first) : 50);
  const top = topOf(figure);
  const y = (value: number) => 100 - (100 * Math.max(0, value)) / top;
  const step = figure.isShare ? 0.25 : niceStep(top, 4);
  const stops = valuesOf({ from: 0, to: top, step });
  const grids = figure.values.map((own) => own.map((each) => each?.value ?? null));
  const crossings = figure.isProbability ? grids.flatMap((grid) => crossingValues(grid, values)) : [];
  return lineChart({
    label: `${figure.name} over ${path}; the values are in the table below`,
    lines: grids.map((grid, index) => ({
      index,
      points: grid.map((value, i) => (value === null ? null : ([x(values[i]!), y(value)] as const))),
    })),
    x: ticksOf(values, ticksMax).map(({ value }, i) => ({
      ...{ at: x(value), text: number(value), spare: i % 2 === 1 },
    })),
    y: stops.map((value) => ({ at: y(value), text: figure.format(value) })).reverse(),
    marks: html`<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">${figure.values.map((own, index) => band(own, (i) => x(values[i]!), y, index))}</svg>
${figure.isProbability && html`<line class="mark" x1="0" x2="100%" y1="50%" y2="50%"/>`}
${crossings.map((at) => html`<line class="mark" x1="${x(at)}%" x2="${x(at)}%" y1="0" y2="100%"/>`)}
${original !== null && original >= first && original <= last && ownValue(x(original))}`,
  });
}

/** Points at a place of the axis, from the side with more room. */
const ownValue = (x: number): Html =>
  x > 50
    ? html`<text class="here" x="${x}%" y="100%" dx="4" dy="-5" text-anchor="end">you are here ▾</text>`
    : html`<text class="here" x="${x}%" y="100%" dx="-4" dy="-5">▾ you are here</text>`;

function topOf({ isShare, values }: Charted): number {
  if (isShare) return 1;
  return Math.max(...values.flat().map((each) => Math.max(each?.value ?? 0, each?.high ?? 0))) || 1;
}

/** Renders the intervals of a line as an area. It breaks where an interval is unknown. */
function band(
  own: readonly Value[],
  x: (index: number) => number,
  y: (value: number) => number,
  index: number,
): Part {
  const parts: number[][] = [[]];
  own.forEach((value, i) => {
    if (typeof value?.low === 'number' && typeof value.high === 'number') parts.at(-1)!.push(i);
    else parts.push([]);
  });
  const edge = (i: number, side: 'low' | 'high') => `${x(i)} ${Math.max(0, y(own[i]![side]!))}`;
  const d = parts
    .filter(({ length }) => length > 1)
    .map(
      (part) =>
        `M${[...part.map((i) => edge(i, 'high')), ...part.toReversed().map((i) => edge(i, 'low'))].join('L')}Z`,
    )
    .join('');
  return d !== '' && html`<path class="area ${keyOf(index).colour}" data-variant="${index}" d="${d}"/>`;
}
