import { type Grid, type Place, segmentsOf } from '#lab/explore/boundary.ts';
import { shortNames } from '#lab/explore/finding.ts';
import type { SweepResult } from '#lab/explore/result.ts';
import { number } from '#lab/kit/text/format.ts';
import { type Html, html } from '#lab/show/html.ts';
import { type Charted, shown, ticksOf } from './figures.ts';

const rowPx = { least: 22, most: 44 };
const heightPx = 360;
const ticksMax = 12;

type Path = SweepResult['paths'][number];

/** Renders an empty grid over two paths. The page's script fills it with the chosen figure. */
export function heatMap({ paths }: SweepResult): Html {
  const [across, up] = paths as [Path, Path];
  const [columns, rows] = [across.values.length, up.values.length];
  const height = Math.round(rows * Math.min(rowPx.most, Math.max(rowPx.least, heightPx / rows)));
  const [wide, high] = [100 / columns, 100 / rows];
  const cells = up.values.flatMap((_, row) =>
    across.values.map((_, column) => {
      const [left, top] = [column * wide, 100 - (row + 1) * high];
      const at = html`data-column="${column}" data-row="${row}"`;
      return {
        cell: html`<g ${at}><rect x="${left}%" y="${top}%" width="${wide}%" height="${high}%"/></g>`,
        // Above the lines, so that these don't cover the figure.
        figure: html`<g ${at}><text x="${left + wide / 2}%" y="${top + high / 2}%" dy="4" text-anchor="middle"></text></g>`,
      };
    }),
  );
  const original = originalPlace(paths);
  const [toRight = '', upward = ''] = shortNames(paths);
  return html`<div class="plot heat"><svg role="group" tabindex="0" aria-label="Map; arrow keys move between its points" height="${height}">
<g class="cells">${cells.map(({ cell }) => cell)}</g>
${ticksOf(across.values, ticksMax).map(({ value, index }, i) => html`<text${i % 2 === 1 && html` class="spare"`} x="${(index + 0.5) * wide}%" y="100%" dy="20" text-anchor="middle">${number(value)}</text>`)}
${ticksOf(up.values, rows).map(({ value, index }) => html`<text x="0" y="${100 - (index + 0.5) * high}%" dx="-8" dy="4" text-anchor="end">${number(value)}</text>`)}
<text class="axis-title" x="100%" y="100%" dy="38" text-anchor="end">${toRight} →</text><text class="axis-title" x="0" y="0" dx="-44" dy="-8">↑ ${upward}</text>
<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" overflow="visible"><path class="behind" data-boundary d=""/><path class="boundary" data-boundary d=""/></svg>
${original !== undefined && ownValues(original, wide, high)}
<g class="figures">${cells.map(({ figure }) => figure)}</g>
<rect class="cursor" data-cursor width="${wide}%" height="${high}%" x="0" y="0"/>
</svg></div>`;
}

function ownValues([column, row]: Place, wide: number, high: number): Html {
  const [x, y] = [(column + 0.5) * wide, 100 - (row + 0.5) * high];
  const isRight = x > 50;
  return html`<circle class="original" cx="${x}%" cy="${y}%" r="7"/><text class="here" x="${x}%" y="${y}%" dx="${isRight ? -12 : 12}" dy="${-0.34 * rowPx.most}" text-anchor="${isRight ? 'end' : 'start'}">you are here</text>`;
}

/** Returns the place of the file's own values between those of two paths; undefined outside. */
function originalPlace(paths: readonly Path[]): Place | undefined {
  const [across, up] = paths.map(({ values, original }) => {
    if (original === null || original < values[0]! || original > values.at(-1)!) return undefined;
    const after = values.findIndex((value) => value >= original);
    if (values[after] === original) return after;
    const [a, b] = [values[after - 1]!, values[after]!];
    return after - 1 + (original - a) / (b - a);
  });
  return across === undefined || up === undefined ? undefined : [across, up];
}

/** Returns what the script needs to fill the map: for each figure and variant the cells and the boundary. */
export function mapData({ paths, points, variants }: SweepResult, figures: readonly Charted[]) {
  const [columns = 1, rows = 1] = paths.map(({ values }) => values.length);
  return {
    paths: paths.map(({ path, values }) => ({ path, values })),
    variants,
    figures: figures.map(({ id, name, isShare, isProbability, isBetterHigh, format, values }) => {
      const top = isShare ? 1 : Math.max(...values.flat().map((each) => each?.value ?? 0)) || 1;
      return {
        id,
        name,
        top: format(top),
        isBetterHigh,
        of: values.map((own) => ({
          cells: own.map((each, point) => {
            const { value = null } = each ?? {};
            if (value === null) return null;
            const bad = isBetterHigh ? 1 - value / top : value / top;
            const [text, all] = [format(value), shown(each, format)];
            const isInferred = points[point]?.inferred === true;
            return [
              Number(bad.toFixed(4)),
              isInferred ? '' : text,
              isInferred ? `${text}, as its neighbours` : all,
            ];
          }),
          boundary: isProbability ? boundaryOf(own.map((each) => each?.value ?? null)) : '',
        })),
      };
    }),
    counts: points.map(({ valid, seeds, problems }) => [valid, seeds, problems[0] ?? '']),
  };

  /** Returns the boundary as SVG path data, in percent of the map. */
  function boundaryOf(map: Grid): string {
    const segments = segmentsOf(map, [columns, rows]);
    return segments.map(([from, to]) => `M${end(from)}L${end(to)}`).join('');
  }

  function end([column, row]: Place): string {
    return `${round((100 * (column + 0.5)) / columns)} ${round(100 - (100 * (row + 0.5)) / rows)}`;
  }
}

const round = (value: number): number => Number(value.toFixed(2));
