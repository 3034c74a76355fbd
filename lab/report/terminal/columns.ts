import { type Outcome, outcomes } from '#kit/wire.ts';
import { count, duration, number, share } from '#lab/report/format.ts';
import type { VariantResult } from '#lab/result.ts';

/** A column of the terminal's table. */
export interface Column {
  readonly head: string;
  readonly cell: (variant: VariantResult) => string;
}

const gap = 2;
const labelMin = 12;

/** Outcomes in the order in which a narrow table can do without them, after the other columns that it can. */
const expendable: readonly string[] = [
  'p50',
  'attempts',
  'p99',
  ...outcomes.filter((outcome) => outcome !== 'ok').reverse(),
];

/** The columns that fit, and the width that is left for the labels before them; `complete` when none had to go. */
export function fittingColumns(
  variants: readonly VariantResult[],
  labels: readonly string[],
  width: number,
): { columns: Column[]; labelWidth: number; complete: boolean } {
  const wanted = Math.max(...labels.map(({ length }) => length));
  const all = columnsOf(variants);
  const widthOf = ({ head, cell }: Column) =>
    gap + Math.max(head.length, ...variants.map((v) => cell(v).length));
  const left = (columns: readonly Column[]) =>
    columns.reduce((rest, column) => rest - widthOf(column), width);
  let columns = all;
  for (const head of expendable) {
    if (left(columns) >= wanted) break;
    columns = columns.filter((column) => column.head !== head);
  }
  const labelWidth = Math.max(labelMin, Math.min(wanted, left(columns)));
  return { columns, labelWidth, complete: columns.length === all.length };
}

/** Outcomes that never happened have no column. */
function columnsOf(variants: readonly VariantResult[]): Column[] {
  const happened = (outcome: Outcome) => outcome === 'ok' || variants.some((v) => v.outcomes[outcome] > 0);
  return [
    { head: 'goodput', cell: ({ goodput }) => share(goodput) },
    ...outcomes
      .filter(happened)
      .map((outcome) => ({ head: outcome, cell: (v: VariantResult) => count(v.outcomes[outcome]) })),
    { head: 'attempts', cell: ({ amplification }) => `${number(amplification)}/req` },
    { head: 'p50', cell: ({ latency }) => duration(latency?.p50Ms ?? null) },
    { head: 'p99', cell: ({ latency }) => duration(latency?.p99Ms ?? null) },
  ];
}
