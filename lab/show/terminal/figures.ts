import Table from 'cli-table3';
import { cut } from '#kit/schema/shorten.ts';
import { outcomes } from '#kit/wire.ts';
import type { Column } from '#lab/show/columns.ts';
import { dimmed, type Paper, paint } from './paper.ts';

type Row<T> = Readonly<{ label: string; thing: T }>;

const gap = 2;
const labelMin = 12;

/** Columns that a table without enough width drops, in this order. */
const expendable: readonly string[] = [
  'before',
  'after',
  'interval',
  'p50',
  'refused retries',
  'attempts',
  'p99',
  ...outcomes.filter((outcome) => outcome !== 'ok').reverse(),
];

/**
 * Formats a line of column names and a line for each row, with the columns that fit. Names the others in a line that
 * ends with `elsewhere`: where they are. `labels` is the name of the column of labels.
 */
export function figureLines<T>(
  rows: readonly Row<T>[],
  all: readonly Column<T>[],
  paper: Paper,
  elsewhere: string,
  labels = 'variant',
): string[] {
  if (rows.length === 0) return [];
  const longest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));
  const widthOf = ({ head, cell }: Column<T>) =>
    gap + longest([head, ...rows.flatMap(({ thing }) => cell(thing).split('\n'))]);
  const left = (columns: readonly Column<T>[]) =>
    columns.reduce((rest, column) => rest - widthOf(column), paper.width);
  const wanted = longest([labels, ...rows.map(({ label }) => label)]);
  let columns = all;
  for (const head of expendable) {
    if (left(columns) >= wanted) break;
    columns = columns.filter((column) => column.head !== head);
  }
  const labelWidth = Math.max(labelMin, Math.min(wanted, left(columns)));
  const cellOf = ({ cell, tone }: Column<T>, thing: T) => {
    const text = cell(thing);
    if (tone) return paint(paper, tone(thing), text);
    return text === '0' ? paint(paper, 'dim', text) : text;
  };
  const table = new Table({
    head: [labels, ...columns.map(({ head }) => head)].map((head) => paint(paper, 'dim', head)),
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const { label, thing } of rows)
    table.push([cut(label, labelWidth), ...columns.map((column) => cellOf(column, thing))]);
  const lines = table.toString().split('\n');
  const missing = all.filter((column) => !columns.includes(column)).map(({ head }) => head);
  const note = `No room for ${missing.join(', ')}: ${elsewhere}`;
  return [...lines.map((line) => line.trimEnd()), ...(missing.length > 0 ? dimmed(note, paper) : [])];
}

const bare = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((part) => [part, '']),
);
bare.middle = '  ';

/** Formats figures in groups, each group below its name. */
export function groupedLines<T>(
  groups: ReadonlyMap<string, readonly Row<T>[]>,
  columns: readonly Column<T>[],
  paper: Paper,
  elsewhere: string,
): string[] {
  const lines = figureLines([...groups.values()].flat(), columns, paper, elsewhere);
  const named = [...groups].flatMap(([name, { length }]) => [name, ...lines.splice(1, length)]);
  return lines.toSpliced(1, 0, ...named);
}
