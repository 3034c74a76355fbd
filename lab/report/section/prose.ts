import { html, type Part } from '#lab/report/html.ts';

/** A description as it stands in an experiment: paragraphs between empty lines, and lines that begin `1.` or `-` as a list. */
export function prose(text: string): Part {
  return text.split(/\n\s*\n/).map(block);
}

function block(text: string): Part {
  // A new item or the first line begins where a marker stands; other lines go on with the one before.
  const pieces = text.trim().split(/\n(?=\s*(?:\d+\.|-)\s)/);
  const item = /^\s*(?:\d+\.|-)\s+/;
  const words = pieces.filter((piece) => !item.test(piece) && piece.trim() !== '').map(joined);
  const items = pieces.filter((piece) => item.test(piece)).map((piece) => joined(piece.replace(item, '')));
  const numbered = pieces.some((piece) => /^\s*\d/.test(piece));
  const list = items.map((each) => html`<li>${each}</li>`);
  return [
    words.map((each) => html`<p class="lead">${each}</p>`),
    items.length > 0 &&
      (numbered ? html`<ol class="lead">${list}</ol>` : html`<ul class="lead">${list}</ul>`),
  ];
}

const joined = (lines: string): string => lines.trim().replace(/\s*\n\s*/g, ' ');
