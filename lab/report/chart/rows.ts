import { type Html, html, type Part } from '#lab/report/html.ts';

/** Row of a chart with a row per variant. */
interface ChartRow {
  readonly head: Part;
  /** Drawn on a track; x in percent of its width. */
  readonly marks: Part;
  /** The marks in words, for screen readers. */
  readonly label: string;
  /** Figures beside the track. */
  readonly value: Part;
  readonly note?: Part;
}

/** A label under the track at a percentage of its width. */
export interface Stop {
  readonly at: number;
  readonly text: string;
  /** True if a narrow page leaves it out. */
  readonly spare?: boolean;
}

/** Renders rows with a common axis, and a dashed line at `markAt` percent. The tracks stretch with the page, their texts don't. */
export function rowChart(rows: readonly ChartRow[], axis: readonly Stop[], markAt?: number): Html {
  const guide =
    markAt !== undefined && html`<line class="mark" x1="${markAt}%" x2="${markAt}%" y1="-5" y2="33"/>`;
  return html`<div class="rows">
${rows.map(
  ({ head, marks, label, value, note }) => html`<div class="row"><div class="row-head">${head}</div>
<svg class="track" role="img" aria-label="${label}">${axis.map(({ at }) => html`<line class="grid" x1="${at}%" x2="${at}%" y1="-5" y2="33"/>`)}${guide}${marks}</svg>
<div class="row-value">${value}</div>${note === undefined ? null : html`<p class="row-note">${note}</p>`}</div>
`,
)}<div class="row axis" aria-hidden="true"><svg class="track">${axis.map(({ at, text, spare }) => html`<text${spareClass(spare)} x="${at}%" y="12" text-anchor="${anchor(at)}">${text}</text>`)}</svg></div>
</div>`;
}

/** The class of a label that narrow pages leave out. */
export const spareClass = (spare = false): Part => spare && html` class="spare"`;

/** Keeps the outermost labels inside the chart. */
const anchor = (at: number): string => (at < 4 ? 'start' : at > 96 ? 'end' : 'middle');
