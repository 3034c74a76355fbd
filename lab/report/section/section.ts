import { type Html, html, type Part } from '#lab/report/html.ts';
import { none } from '#lab/text/format.ts';

/** A part of the report with a heading of its own. */
export interface Section {
  /** Where links point to. */
  readonly id: string;
  /** Its name in the navigation. */
  readonly short: string;
  readonly title: string;
  /** What it shows and how to read it. */
  readonly lead: Part;
  readonly body: Part;
}

/** The markup of a section. */
export function renderSection({ id, title, lead, body }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${html`${lead}`.text !== '' && html`<p class="lead">${lead}</p>`}
${body}
</section>
`;
}

export interface Table {
  readonly caption: string;
  /** What most cells hold decides how they are aligned. */
  readonly of: 'numbers' | 'texts';
  readonly head: readonly Part[];
  /** The first cell of each row is its heading; null where that of the row above goes on. */
  readonly rows: readonly (readonly Part[])[];
}

/** Rows under one heading. */
export const under = (heading: Part, rows: readonly (readonly Part[])[]): Part[][] =>
  rows.map((cells, index) => [index === 0 ? heading : null, ...cells]);

/** Returns how many rows the heading of a row spans. */
function spanOf(rows: Table['rows'], index: number): number {
  const next = rows.findIndex(([first], other) => other > index && first !== null);
  return (next < 0 ? rows.length : next) - index;
}

/** A table that scrolls in its own frame when the page is narrow; its first column stays in sight. */
export function table({ caption, of, head, rows }: Table): Html {
  const headingOf = (first: Part | undefined, index: number) => {
    const span = spanOf(rows, index);
    return (
      first !== null && html`<th scope="row"${span > 1 && html` rowspan="${span}"`}>${first ?? null}</th>`
    );
  };
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="${of}">
<caption><span>${caption}</span></caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (
    [first, ...cells],
    index,
  ) => html`<tr>${headingOf(first, index)}${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}

/** The figures behind a chart, to be opened. */
export const figuresBehind = (figures: Table): Html =>
  html`<details><summary>The figures</summary>${table(figures)}</details>`;

/** A tick, a cross, or where nobody can say a dash, with its word, so that colour is never all there is. */
export function verdictMark(ok: boolean | null, word: string): Html {
  if (ok === null) return html`<span><span aria-hidden="true">${none}</span> ${word}</span>`;
  return ok
    ? html`<span class="good"><span aria-hidden="true">✓</span> ${word}</span>`
    : html`<span class="bad"><span aria-hidden="true">✗</span> ${word}</span>`;
}

/** A word of warning beside a figure. */
export const warning = (text: Part): Html =>
  html`<span class="warn"><span aria-hidden="true">⚠</span> ${text}</span>`;

/** What ‡ beside a figure says. */
export const saturationNote = html`<p class="footnote">‡ a process of this variant was saturated, see <a href="#validity">Validity</a>.</p>`;
