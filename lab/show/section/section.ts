import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { none } from '#lab/kit/text/format.ts';
import { type Html, html, named, type Part } from '#lab/show/html.ts';

export interface Section {
  /** Title instead of the usual one. */
  readonly title?: string;
  readonly lead?: Part;
  readonly body: Part;
  /** True if a folded section is open at first. */
  readonly isOpen?: boolean;
}

export const renderSection = (
  id: string,
  usualTitle: string,
  { title = usualTitle, lead, body }: Section,
): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}${anchorTo(id, title)}</h2>
${leadOf(lead)}
${body}
</section>
`;

/**
 * Renders a foldable section. Its link stands outside of the summary, which must not contain another clickable part.
 */
export const renderFolded = (id: string, usualTitle: string, section: Section): Html => {
  const { title = usualTitle, lead, body, isOpen = false } = section;
  return html`<div class="folded">${anchorTo(id, title)}<details class="fold" id="${id}"${isOpen && html` open`}>
<summary><h3 id="${id}-title">${title}</h3></summary>
${leadOf(lead)}
${body}
</details></div>
`;
};

export const anchorTo = (id: string, title: string): Html =>
  html`<a class="anchor" href="#${id}" aria-label="Link to ${title}">#</a>`;

const leadOf = (lead: Part = null): Part => html`${lead}`.text !== '' && html`<p class="lead">${lead}</p>`;

interface Table {
  readonly caption: string;
  /** Kind of content in most cells. It determines their alignment. @default 'texts' */
  readonly of?: 'numbers' | 'texts';
  readonly head: readonly Part[];
  /** Rows of cells. The first cell is the row's heading; null continues the heading of the row above. */
  readonly rows: readonly (readonly Part[])[];
}

/** Returns the rows of all variants, grouped by variant. The first row of a group has the variant's name. */
export const byVariant = (result: Result, rowsOf: (variant: VariantResult) => readonly Part[][]): Part[][] =>
  result.variants.flatMap((variant) =>
    rowsOf(variant).map((cells, index) => [index === 0 ? named(result, variant) : null, ...cells]),
  );

function spanOf(rows: Table['rows'], index: number): number {
  const next = rows.findIndex(([first], other) => other > index && first !== null);
  return (next < 0 ? rows.length : next) - index;
}

/** Renders a table. On a narrow page it scrolls in its own frame, and the first column stays visible. */
export function table({ caption, of = 'texts', head, rows }: Table): Html {
  const rowOf = ([first = false, ...cells]: readonly Part[], index: number) => {
    const span = spanOf(rows, index);
    const heading =
      first !== null && html`<th scope="row"${span > 1 && html` rowspan="${span}"`}>${first}</th>`;
    return html`<tr>${heading}${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`;
  };
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="${of}">
<caption><span>${caption}</span></caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows.map(rowOf)}</tbody></table></div>`;
}

/** Makes a section of a table; null if the table has no rows. */
export const tableSection = (lead: Part, content: Table): Section | null =>
  content.rows.length > 0 ? { lead, body: table(content) } : null;

/** Renders a tick, a cross, or for null a dash, followed by a word. So the colour is never the only sign. */
export function verdictMark(ok: boolean | null, word: string): Html {
  const [tone, sign] =
    ok === null ? [null, none] : ok ? [html` class="good"`, '✓'] : [html` class="bad"`, '✗'];
  return html`<span${tone}><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

export const warning = (text: Part): Html =>
  html`<span class="warn"><span aria-hidden="true">⚠</span> ${text}</span>`;
