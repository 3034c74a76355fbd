import type { Series } from '#lab/judge/result/result.ts';
import { meanOf } from '#lab/judge/statistics/bootstrap.ts';
import { niceStep } from '#lab/show/chart.ts';

/** Functions that merge neighbouring values of a column. Columns that are not listed take the mean. */
const merged: Partial<Record<keyof Series, (values: readonly number[]) => number>> = {
  inFlight: (counts) => Math.max(...counts),
  breaker: (states) => Math.max(...states),
  dead: (counts) => counts.at(-1)!,
};

/** Share of the gaps between points that bins are as wide as. A process that doesn't answer leaves longer gaps. */
const usualGap = 0.9;

/** Returns the width of the bins of some variants' series: at most so many, each as wide as the points usually lie apart. */
export function binMsOf(
  variants: readonly { readonly series: Pick<Series, 'tMs'> }[],
  endMs: number,
  most: number,
): number {
  const gaps = variants
    .flatMap(({ series: { tMs } }) => tMs.slice(1).map((atMs, i) => atMs - tMs[i]!))
    .sort((a, b) => a - b);
  return niceStep(Math.max(endMs, most * (gaps[Math.floor(usualGap * gaps.length)] ?? 0)), most);
}

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
  const rates = (column: 'offered' | 'goodput') =>
    binnedColumn(series, column, binMs, endMs).map((rate) => rate ?? 0);
  return { offered: rates('offered'), goodput: rates('goodput') };
}
