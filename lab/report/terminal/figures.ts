import Table from 'cli-table3';
import { cut } from '#lab/text/format.ts';
import { type Column, fittingColumns } from './columns.ts';
import type { Paint } from './paper.ts';

/** A line of figures about a thing, under the label that it begins with. */
export interface Row<T> {
  readonly label: string;
  readonly thing: T;
}

/** A line of heads and one for each row, in the columns that fit; `complete` when all do. */
export function figureLines<T>(
  head: string,
  rows: readonly Row<T>[],
  all: readonly Column<T>[],
  paint: Paint,
  width: number,
): { lines: string[]; complete: boolean } {
  const labels = rows.map(({ label }) => label);
  const things = rows.map(({ thing }) => thing);
  const { columns, labelWidth, complete } = fittingColumns(all, things, [head, ...labels], width);
  const table = new Table({
    head: [head, ...columns.map(({ head }) => head)].map((head) => paint('dim', head)),
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const { label, thing } of rows) {
    table.push([
      cut(label, labelWidth),
      ...columns.map(({ cell, tone }) => {
        const text = cell(thing);
        if (tone) return paint(tone(thing), text);
        return text === '0' ? paint('dim', text) : text;
      }),
    ]);
  }
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return { lines, complete };
}

/** No borders, two spaces between columns. */
const bare = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((place) => [place, '']),
);
bare.middle = '  ';
