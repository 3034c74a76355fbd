import Table from 'cli-table3';
import { cut } from '#kit/schema/shorten.ts';
import { type Outcome, outcomes } from '#kit/wire.ts';
import { refusedRetriesOf } from '#lab/result/facts.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { count, duration, number, share } from '#lab/text/format.ts';
import type { Colour, Paint } from './paper.ts';

/** A column of a table of the terminal. */
export interface Column<T> {
  readonly head: string;
  /** May have several lines. */
  readonly cell: (thing: T) => string;
  readonly tone?: (thing: T) => Colour;
}

const gap = 2;
const labelMin = 12;

/** Columns in the order in which a narrow table drops them. */
const expendable: readonly string[] = [
  'difference',
  'after',
  'before',
  'p50',
  'refused retries',
  'attempts',
  'p99',
  ...outcomes.filter((outcome) => outcome !== 'ok').reverse(),
];

/** Returns the columns that fit and the width left for the labels; `complete` if none was dropped. */
function fittingColumns<T>(
  all: readonly Column<T>[],
  things: readonly T[],
  labels: readonly string[],
  width: number,
): { columns: readonly Column<T>[]; labelWidth: number; complete: boolean } {
  const wanted = Math.max(...labels.map(({ length }) => length));
  const widthOf = ({ head, cell }: Column<T>) =>
    gap +
    Math.max(...[head, ...things.flatMap((thing) => cell(thing).split('\n'))].map(({ length }) => length));
  const left = (columns: readonly Column<T>[]) =>
    columns.reduce((rest, column) => rest - widthOf(column), width);
  let columns = all;
  for (const head of expendable) {
    if (left(columns) >= wanted) break;
    columns = columns.filter((column) => column.head !== head);
  }
  const labelWidth = Math.max(labelMin, Math.min(wanted, left(columns)));
  return { columns, labelWidth, complete: columns.length === all.length };
}

/** Colour of a goodput. */
export function goodputTone(goodput: number): Colour {
  if (goodput >= 0.95) return 'green';
  return goodput < 0.5 ? 'red' : 'yellow';
}

/** Columns for the figures of variants; outcomes that never happened have none. */
export function variantColumns(variants: readonly VariantResult[]): Column<VariantResult>[] {
  const happened = (outcome: Outcome) => outcome === 'ok' || variants.some((v) => v.outcomes[outcome] > 0);
  return [
    { head: 'goodput', cell: ({ goodput }) => share(goodput), tone: ({ goodput }) => goodputTone(goodput) },
    ...outcomes
      .filter(happened)
      .map((outcome) => ({ head: outcome, cell: (v: VariantResult) => count(v.outcomes[outcome]) })),
    { head: 'attempts', cell: ({ amplification }) => `${number(amplification)}/req` },
    ...(variants.some((variant) => refusedRetriesOf(variant))
      ? [{ head: 'refused retries', cell: (v: VariantResult) => number(refusedRetriesOf(v)) }]
      : []),
    { head: 'p50', cell: ({ latency }) => duration(latency?.p50Ms ?? null) },
    { head: 'p99', cell: ({ latency }) => duration(latency?.p99Ms ?? null) },
  ];
}

/** A line of figures about a thing, after its label. */
interface Row<T> {
  readonly label: string;
  readonly thing: T;
}

/** Formats a line of heads and one for each row, in the columns that fit; `complete` if all do. */
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
  const lines = table.toString().split('\n');
  return { lines: lines.map((line) => line.trimEnd()), complete };
}

/** No borders, two spaces between columns. */
const bare = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((part) => [part, '']),
);
bare.middle = '  ';

/** Formats figures in groups, each below its name. */
export function groupedLines<T>(
  groups: ReadonlyMap<string, readonly Row<T>[]>,
  columns: readonly Column<T>[],
  paint: Paint,
  width: number,
): { lines: string[]; complete: boolean } {
  const { lines, complete } = figureLines('variant', [...groups.values()].flat(), columns, paint, width);
  const [head = '', ...figures] = lines;
  const named = [...groups].flatMap(([name, { length }]) => [name, ...figures.splice(0, length)]);
  return { lines: [head, ...named], complete };
}
