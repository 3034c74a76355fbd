import { type Outcome, outcomes } from '#kit/wire.ts';
import { refusedRetriesOf } from '#lab/result/facts.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { count, duration, number, share } from '#lab/text/format.ts';
import type { Colour } from './paper.ts';

/** A column of the terminal's table about things of some kind. */
export interface Column<T> {
  readonly head: string;
  /** May have several lines. */
  readonly cell: (thing: T) => string;
  readonly tone?: (thing: T) => Colour;
}

const gap = 2;
const labelMin = 12;

/** Outcomes in the order in which a narrow table can do without them, after the other columns that it can. */
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

/** The columns that fit, and the width that is left for the labels before them; `complete` when none had to go. */
export function fittingColumns<T>(
  all: readonly Column<T>[],
  things: readonly T[],
  labels: readonly string[],
  width: number,
): { columns: readonly Column<T>[]; labelWidth: number; complete: boolean } {
  const wanted = Math.max(...labels.map(({ length }) => length));
  const widthOf = ({ head, cell }: Column<T>) =>
    gap +
    Math.max(
      head.length,
      ...things.flatMap((thing) =>
        cell(thing)
          .split('\n')
          .map(({ length }) => length),
      ),
    );
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

/** How good a goodput is. */
export function goodputTone(goodput: number): Colour {
  if (goodput >= 0.95) return 'green';
  return goodput < 0.5 ? 'red' : 'yellow';
}

/** The figures of variants; outcomes that never happened have no column. */
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
