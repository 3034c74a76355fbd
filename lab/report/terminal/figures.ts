import Table from 'cli-table3';
import { cut } from '#lab/report/format.ts';
import type { VariantResult } from '#lab/result.ts';
import { fittingColumns } from './columns.ts';
import type { Colour, Paint } from './paper.ts';

/** A variant's line of figures, under the label that it begins with. */
export interface Row {
  readonly label: string;
  readonly variant: VariantResult;
}

/** A line of heads and one for each row, in the columns that fit; `complete` when all do. */
export function figureLines(
  head: string,
  rows: readonly Row[],
  paint: Paint,
  width: number,
): { lines: string[]; complete: boolean } {
  const labels = rows.map(({ label }) => label);
  const variants = rows.map(({ variant }) => variant);
  const { columns, labelWidth, complete } = fittingColumns(variants, [head, ...labels], width);
  const table = new Table({
    head: [head, ...columns.map(({ head }) => head)].map((head) => paint('dim', head)),
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const { label, variant } of rows) {
    table.push([
      cut(label, labelWidth),
      ...columns.map(({ head, cell }) => {
        const text = cell(variant);
        if (head === 'goodput') return paint(goodputTone(variant.goodput), text);
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

function goodputTone(goodput: number): Colour {
  if (goodput >= 0.95) return 'green';
  return goodput < 0.5 ? 'red' : 'yellow';
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
