import type { Figure } from '#lab/experiment/metrics/figure.ts';

/** Formats figures as CSV, a row each. */
export const figuresCsv = (figures: readonly Figure[]): string =>
  csvOf(
    ['round', 'variant', 'window', 'metric', 'deadlineMs', 'source', 'value', 'low', 'high', 'n', 'atLeast'],
    figures.map((figure) => {
      const { round, variant, window, metric, deadlineMs, source, value, low, high, n, atLeast } = figure;
      return [round, variant, window, metric, deadlineMs, source, value, low, high, n, atLeast];
    }),
  );

type Cell = string | number | null | undefined;

/** Formats rows of cells as CSV. Unknown cells are empty. */
export const csvOf = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [head, ...rows].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');

const cellOf = (value: Cell): string => {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
