import type { MeanResult, Probability, SweepResult } from '#lab/result/sweep.ts';

/** Formats a sweep as CSV: a row for each point, variant and figure. Rows of hypotheses have no variant. */
export function csvOf({ paths, points, hypotheses }: SweepResult): string {
  const head = [...paths.map(({ path }) => path), 'variant', 'figure', 'value', 'low', 'high', 'seeds'];
  const rows = points.flatMap((point) => {
    const row = (variant: string, figure: string, of: MeanResult | Probability | null) => [
      ...point.values,
      variant,
      figure,
      ...(of ? [of.value, of.low, of.high] : [null, null, null]),
      of && 'of' in of ? of.of : point.valid,
    ];
    return [
      ...point.variants.flatMap(({ name, metrics, collapsed, metastable }) => [
        ...Object.entries(metrics).map(([metric, mean]) => row(name, metric, mean)),
        row(name, 'P(collapsed)', collapsed),
        row(name, 'P(metastable)', metastable),
      ]),
      ...hypotheses.map((text, index) => row('', `P(${text})`, point.hypotheses[index] ?? null)),
      row('', 'P(all hypotheses hold)', point.holds),
    ];
  });
  return [head, ...rows].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');
}

const cellOf = (value: string | number | null): string => {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
