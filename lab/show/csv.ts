import type { Figure } from '#lab/experiment/metrics/figure.ts';

const columns = [
  ...(['round', 'variant', 'window', 'metric', 'deadlineMs', 'source'] as const),
  ...(['value', 'low', 'high', 'n', 'atLeast'] as const),
];

export const figuresCsv = (figures: readonly Figure[]): string =>
  csvOf(
    columns,
    figures.map((figure) => columns.map((column) => figure[column])),
  );

type Cell = string | number | null | undefined;

/** Formats rows of cells as CSV. Unknown cells are empty. */
export const csvOf = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [head, ...rows].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');

const cellOf = (value: Cell): string => {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
