import { type MetricName, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';

/** Values by metric. Those that were not measured are missing. */
export type Values = Readonly<Record<MetricName, number>>;

/** Returns the values of a variant by metric, or those of a window. */
export const valuesOf = (
  { figures }: { readonly figures: readonly Figure[] },
  variant: string,
  window?: string,
): Values =>
  Object.fromEntries(
    metricNames.flatMap((metric) => {
      const figure = figureAt(figures, { variant, metric, ...(window !== undefined && { window }) });
      return typeof figure?.value === 'number' ? [[metric, figure.value]] : [];
    }),
  ) as Values;

export type Measured = VariantResult & Values;

/** Returns the variants of a result with their values. */
export const measuredIn = (result: Pick<Result, 'variants' | 'figures'>): Measured[] =>
  result.variants.map((variant) => ({ ...variant, ...valuesOf(result, variant.name) }));
