import { type MetricName, metricOf } from './catalogue.ts';
import type { Figure } from './figure.ts';

/** Place of a figure among others. By default it is that of a whole run, or over all rounds, from the metric's usual source. */
export interface Place extends Partial<Pick<Figure, 'window' | 'deadlineMs' | 'source' | 'round' | 'point'>> {
  readonly variant: string;
  readonly metric: MetricName;
}

const keyOf = (place: Figure | Place): string => {
  const { variant, window, metric, deadlineMs, round, point } = place;
  const { source = metricOf(metric)?.source ?? 'measured' } = place;
  return [variant, window, metric, deadlineMs, source, round, point].join('\n');
};

const tables = new WeakMap<readonly Figure[], Map<string, Figure>>();

/** Returns the figure at a place; undefined if it was not measured. */
export function figureAt(figures: readonly Figure[], place: Place): Figure | undefined {
  let table = tables.get(figures);
  if (!table) {
    table = new Map(figures.map((figure) => [keyOf(figure), figure]));
    tables.set(figures, table);
  }
  return table.get(keyOf(place));
}

/** Returns the value of a metric of a whole variant, or of a window; null if it is unknown. */
export const valueIn = (
  { figures }: { readonly figures: readonly Figure[] },
  variant: string,
  metric: MetricName,
  window?: string,
): number | null =>
  figureAt(figures, { variant, metric, ...(window !== undefined && { window }) })?.value ?? null;
