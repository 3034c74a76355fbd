import { duration } from '#lab/kit/text/format.ts';
import { type Html, html, keyOf, type Part } from './html.ts';

/** Maps a value to a percentage of the axis' length. */
export type Scale = (value: number) => number;

/** Label at a position along an axis, in percent of its length. */
interface Stop {
  readonly at: number;
  readonly text: string;
  /** True if a narrow page leaves out the label. */
  readonly spare?: boolean;
}

/** Returns a logarithmic axis. Values outside its bounds are shown at its ends. */
export function logScale(min: number, max: number): Scale {
  const span = Math.log(max / min) || 1;
  return (value) => percent(value <= 0 ? 0 : Math.log(value / min) / span);
}

export const linearScale =
  (max: number): Scale =>
  (value) =>
    percent(max > 0 ? value / max : 0);

const percent = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 100;

/** Returns 1, 2 and 5 times the powers of ten between two bounds. Over many decades, returns only the powers of ten. */
export function logTicks(min: number, max: number): { value: number; spare: boolean }[] {
  const decades = Math.log10(max / min);
  const digits = decades < 2.2 ? [1, 2, 5] : [1];
  const first = Math.floor(Math.log10(min));
  return Array.from({ length: Math.ceil(Math.log10(max)) - first + 1 }, (_, i) =>
    digits.map((digit) => ({ value: digit * 10 ** (first + i), spare: digit !== 1 && decades > 1.2 })),
  )
    .flat()
    .filter(({ value }) => value >= min && value <= max);
}

/** Returns the smallest step of 1, 2 or 5 times a power of ten that divides `max` into at most `parts` parts. */
export function niceStep(max: number, parts: number): number {
  const raw = max / parts;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5].find((digit) => digit * power >= raw) ?? 10);
}

/** Returns labels of a time axis of at most so many parts. */
export function timeStops(endMs: number, parts: number) {
  const step = niceStep(endMs, parts);
  return Array.from({ length: Math.floor(endMs / step + 1e-9) + 1 }, (_, i) => {
    const at = percent((i * step) / endMs);
    return { at, text: i === 0 ? '0 s' : duration(i * step), anchor: anchor(at) };
  });
}

interface ChartRow {
  readonly head: Part;
  /** SVG elements in the row's drawing area, with x in percent of its width. */
  readonly marks: Part;
  /** Description of the marks, for screen readers. */
  readonly label: string;
  /** Figures beside the drawing area. */
  readonly value: Part;
  readonly note?: Part;
}

/** Renders rows with a common axis. The drawing areas stretch with the page. */
export function rowChart(rows: readonly ChartRow[], axis: readonly Stop[]): Html {
  const guides = axis.map(({ at }) => html`<line class="grid" x1="${at}%" x2="${at}%" y1="-5" y2="33"/>`);
  return html`<div class="rows">
${rows.map(
  ({ head, marks, label, value, note = null }) => html`<div class="row"><div class="row-head">${head}</div>
<svg class="track" role="img" aria-label="${label}">${guides}${marks}</svg>
<div class="row-value">${value}</div>${note && html`<p class="row-note">${note}</p>`}</div>
`,
)}<div class="row axis" aria-hidden="true"><svg class="track">${axis.map(({ at, text, spare }) => html`<text${spareClass(spare)} x="${at}%" y="12" text-anchor="${anchor(at)}">${text}</text>`)}</svg></div>
</div>`;
}

const spareClass = (spare = false): Part => spare && html` class="spare"`;

/** Returns the text anchor that keeps the outermost labels inside the chart. */
const anchor = (at: number): string => (at < 4 ? 'start' : at > 96 ? 'end' : 'middle');

interface Line {
  readonly index: number;
  /** Points as x and y in percent of the plot. y counts from the top; null is a gap. */
  readonly points: readonly (readonly [number, number] | null)[];
  /** Point above which the variant's letter stands. @default the letter stands at the right edge */
  readonly letterAt?: readonly [number, number];
  /** True if a dashed line holds the last value in gaps. */
  readonly isHeld?: boolean;
  /** Values of the points, for the page's script. */
  readonly values?: string;
}

interface LineChart {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly x: readonly Stop[];
  /** Labels of the y axis, from the top. @default shares from 100 % to 0 % */
  readonly y?: readonly Stop[];
  /** Elements drawn behind the lines. */
  readonly marks?: Part;
  /** @default 300 */
  readonly heightPx?: number;
}

/** Maximum number of points that are drawn as dots. A line with more points is a plain curve. */
const dottedMax = 12;

const shares: readonly Stop[] = [100, 75, 50, 25, 0].map((part) => ({ at: 100 - part, text: `${part} %` }));

/**
 * Renders lines, with the letter of each variant above `letterAt` or at the right edge. Coordinates are percentages, so the plot stretches with the page, while texts and strokes keep their size.
 */
export function lineChart({ label, lines, x, y = shares, marks = null, heightPx = 300 }: LineChart): Html {
  return html`<div class="plot"><svg role="img" aria-label="${label}" height="${heightPx}">
${y.map(({ at, text }) => html`<line class="grid" x1="0" x2="100%" y1="${at}%" y2="${at}%"/><text x="0" y="${at}%" dx="-8" dy="4" text-anchor="end">${text}</text>`)}
${x.map(({ at, text, spare }) => html`<line class="grid" x1="${at}%" x2="${at}%" y1="0" y2="100%"/><text${spareClass(spare)} x="${at}%" y="100%" dy="20" text-anchor="middle">${text}</text>`)}
${marks}
<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" overflow="visible">${lines.map(path)}<path class="cursor" d="M0 0V100" hidden="hidden"/></svg>
${lettersOf(lines, heightPx)}
</svg></div>`;
}

function path({ index, points, isHeld = false, values }: Line): Part {
  const { colour, dash } = keyOf(index);
  const d = points.map((point, i) => point && `${points[i - 1] ? 'L' : 'M'}${point[0]} ${point[1]}`).join('');
  // A stroke of length zero with round caps stays a circle when the plot is stretched.
  const dots =
    points.length <= dottedMax ? points.map((point) => point && `M${point[0]} ${point[1]}h0`).join('') : '';
  return html`<g class="line ${colour}" data-variant="${index}"${values !== undefined && html` data-values="${values}"`}><path d="${d}" stroke-dasharray="${dash}"/><path class="dot" d="${dots}"/>${isHeld && html`<path class="last" d="${heldIn(points)}"/>`}</g>`;
}

/** Returns lines that hold the last point in each gap up to the next point. */
function heldIn(points: Line['points']): string {
  return points
    .flatMap((point, i) => {
      const next = points[i + 1] === null ? points.slice(i + 1).find((each) => each !== null) : undefined;
      return point && next ? `M${point[0]} ${point[1]}H${next[0]}V${next[1]}` : [];
    })
    .join('');
}

const letterPx = 15;
/** Width of a letter on the narrowest chart, in percent. */
const letterPercent = 5;
const edgeRow = 3;

/**
 * Renders the letters of lines, each above its point or at the right edge. Letters that would overlap stand beside each
 * other; at the edge, in rows of three.
 */
function lettersOf(lines: readonly Line[], heightPx: number): Part {
  const groups: { x: number; y: number; isEdge: boolean; members: number[] }[] = [];
  for (const { index, points, letterAt } of lines) {
    const [x, y] = letterAt ?? [100, points.findLast((point) => point)?.[1] ?? 100];
    const isEdge = letterAt === undefined;
    const rows = (length: number) => (isEdge ? Math.ceil((length + 1) / edgeRow) : 1);
    const near = groups.find(
      (group) =>
        group.isEdge === isEdge &&
        Math.abs(group.x - x) < letterPercent * (1 + group.members.length / 2) &&
        (Math.abs(group.y - y) / 100) * heightPx < letterPx * rows(group.members.length),
    );
    if (near) near.members.push(index);
    else groups.push({ x, y, isEdge, members: [index] });
  }
  return groups.map(({ x, y, isEdge, members }) => {
    const half = (letterPercent * members.length) / 2;
    const side = isEdge || x < half ? 'start' : x > 100 - half ? 'end' : 'middle';
    const size = isEdge ? edgeRow : members.length;
    const rows = Array.from({ length: Math.ceil(members.length / size) }, (_, i) =>
      members.slice(i * size, (i + 1) * size),
    );
    // Rows grow towards the middle of the chart.
    const first = isEdge ? 4 - (y > 50 ? (rows.length - 1) * letterPx : 0) : -5;
    return rows.map(
      (row, i) =>
        html`<text class="above" x="${x}%" y="${y}%" dx="${isEdge ? 10 : 0}" dy="${first + i * letterPx}" text-anchor="${side}">${row.map(
          (index) => {
            const { colour, letter } = keyOf(index);
            return html`<tspan class="end ${colour}" data-variant="${index}">${letter}</tspan> `;
          },
        )}</text>`,
    );
  });
}
