import type { Series } from '#lab/judge/result/result.ts';
import { meanOf } from '#lab/judge/statistics/bootstrap.ts';

/** Functions that merge neighbouring values of a column. Columns that are not listed take the mean. */
const merged: Partial<Record<keyof Series, (values: readonly number[]) => number>> = {
  inFlight: (counts) => Math.max(...counts),
  breaker: (states) => Math.max(...states),
  dead: (counts) => counts.at(-1)!,
};

/** Merges the points of a column to one for each `binMs` until `endMs`. A bin without values is null. */
export function binnedColumn(
  { tMs, ...columns }: Series,
  column: Exclude<keyof Series, 'tMs'>,
  binMs: number,
  endMs: number,
): (number | null)[] {
  const merge = merged[column] ?? meanOf;
  const bins = Array.from({ length: Math.ceil(endMs / binMs - 1e-9) }, (): number[] => []);
  columns[column].forEach((value, i) => {
    if (value !== null) bins[Math.floor(tMs[i]! / binMs)]?.push(value);
  });
  return bins.map((values) => (values.length > 0 ? merge(values) : null));
}

/** Returns the load of each bin, and what completed of it in time, per second. */
export function binned(series: Series, binMs: number, endMs: number) {
  const [offered, goodput] = (['offered', 'goodput'] as const).map((column) =>
    binnedColumn(series, column, binMs, endMs).map((rate) => rate ?? 0),
  ) as [number[], number[]];
  return { offered, goodput };
}
