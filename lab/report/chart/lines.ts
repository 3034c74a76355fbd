import { type Html, html, type Part } from '#lab/report/html.ts';
import type { Key } from '#lab/report/key.ts';
import { type Stop, spareClass } from './rows.ts';

interface Line {
  readonly key: Key;
  readonly index: number;
  /** x and y in percent of the plot, y from above. */
  readonly points: readonly (readonly [number, number])[];
}

interface LineChart {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly x: readonly Stop[];
  readonly y: readonly Stop[];
  /** A vertical line with a label. */
  readonly mark: Stop | null;
}

const heightPx = 300;
const letterPx = 15;
const lettersPerRow = 3;
/** Most points that get a dot each; more make a curve. */
const dottedMax = 12;

/**
 * Lines with the letters of their variants at the right end. Root coordinates are percentages, so that the plot
 * stretches with the page while texts and strokes keep their size.
 */
export function lineChart({ label, lines, x, y, mark }: LineChart): Html {
  return html`<div class="plot"><svg role="img" aria-label="${label}" height="${heightPx}">
${y.map(({ at, text }) => html`<line class="grid" x1="0" x2="100%" y1="${at}%" y2="${at}%"/><text x="0" y="${at}%" dx="-8" dy="4" text-anchor="end">${text}</text>`)}
${x.map(({ at, text, spare }) => html`<line class="grid" x1="${at}%" x2="${at}%" y1="0" y2="100%"/><text${spareClass(spare)} x="${at}%" y="100%" dy="20" text-anchor="middle">${text}</text>`)}
${mark && html`<line class="mark" data-mark x1="${mark.at}%" x2="${mark.at}%" y1="0" y2="100%"/>`}
<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" overflow="visible">${lines.map(path)}</svg>
${endLetters(lines)}
</svg></div>`;
}

function path({ key, index, points }: Line): Part {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  // A zero-length stroke with round caps stays a circle however the plot is stretched.
  const dots = points.length <= dottedMax ? points.map(([x, y]) => `M${x} ${y}h0`).join('') : '';
  return html`<g class="line ${key.colour}" data-variant="${index}"><path d="${d}" stroke-dasharray="${key.dash}"/><path class="dot" d="${dots}"/></g>`;
}

function endLetters(lines: readonly Line[]): Part {
  const ends = lines.flatMap((line) => {
    const y = line.points.at(-1)?.[1];
    return y === undefined ? [] : [{ line, at: (y / 100) * heightPx }];
  });
  return clusters(ends, letterPx, lettersPerRow, heightPx).flatMap(({ members, topPx }) =>
    members.map(({ line }, i) => {
      const left = 10 + (i % lettersPerRow) * letterPx;
      const top = topPx + Math.floor(i / lettersPerRow) * letterPx + 11;
      return html`<text class="end ${line.key.colour}" x="100%" dx="${left}" y="${Math.round(top)}" data-variant="${line.index}">${line.key.letter}</text>`;
    }),
  );
}

/** Labels that would overlap, put together in rows. */
interface Cluster<T> {
  readonly members: readonly T[];
  readonly topPx: number;
}

/**
 * Groups labels by their height on the page so that no two groups overlap: neighbours closer than their rows are tall
 * join, `perRow` to a row, around their common middle.
 */
export function clusters<T extends { readonly at: number }>(
  labels: readonly T[],
  rowPx: number,
  perRow: number,
  heightPx: number,
): Cluster<T>[] {
  const rows = (members: readonly T[]) => Math.ceil(members.length / perRow);
  const placed = (members: readonly T[]): Cluster<T> => {
    const tallPx = rows(members) * rowPx;
    const middle = members.reduce((sum, { at }) => sum + at, 0) / members.length;
    return {
      members,
      topPx: Math.max(-rowPx / 2, Math.min(middle - tallPx / 2, heightPx + rowPx / 2 - tallPx)),
    };
  };
  const found: Cluster<T>[] = [];
  for (const label of labels.toSorted((a, b) => a.at - b.at)) {
    let cluster = placed([label]);
    for (let above = found.at(-1); above; above = found.at(-1)) {
      if (above.topPx + rows(above.members) * rowPx <= cluster.topPx) break;
      found.pop();
      cluster = placed([...above.members, ...cluster.members]);
    }
    found.push(cluster);
  }
  return found;
}
