import { metric, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import { formatOf, metricName } from '#lab/experiment/metrics/shown.ts';
import { figureAt, valueIn } from '#lab/experiment/metrics/table.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { countOf } from '#lab/judge/statistics/rounds.ts';
import { count, interval, none, share } from '#lab/kit/text/format.ts';

/** Column of a table of figures. */
export interface Column<T> {
  readonly head: string;
  /** Formats a cell, which may have a second line. */
  readonly cell: (thing: T) => string;
  readonly tone?: (thing: T) => Tone;
}

export type Tone = 'green' | 'red' | 'yellow' | 'dim';

export function goodputTone(goodput: number): Tone {
  if (goodput >= 0.95) return 'green';
  return goodput < 0.5 ? 'red' : 'yellow';
}

/**
 * Returns the columns with the figures of each variant; with rounds, an interval stands below each figure. Leaves
 * out metrics that are as usual everywhere, mostly 0. Counts of requests are shown for single runs, and verdicts for rounds. `detail` adds
 * the columns that only reports have.
 */
export function columnsOf(result: Result, detail = false): Column<VariantResult>[] {
  const { rounds, variants } = result;
  return metricNames.flatMap((name): Column<VariantResult>[] => {
    const { column, unit, suffix = '', head = metricName(name), usual = 0 } = metric(name);
    const isOther = rounds ? column !== 'detail' && unit in counted : unit === 'verdict';
    const happened = variants.some((variant) => (valueIn(result, variant.name, name) ?? usual) !== usual);
    if (!column || isOther || (column !== 'always' && !happened) || (column === 'detail' && !detail))
      return [];
    const format = unit in counted && !rounds ? count : formatOf(unit);
    const cell = (variant: VariantResult) => {
      const figure = figureAt(result.figures, { variant: variant.name, metric: name });
      const { value = null, low, high, n } = figure ?? {};
      if (value === null) return none;
      const text = unit === 'verdict' ? `${countOf(figure!)} of ${n}` : format(value) + suffix;
      const of = unit === 'verdict' ? share : format;
      return rounds && typeof low === 'number' ? `${text}\n${interval({ low, high: high! }, of)}` : text;
    };
    const tone = (variant: VariantResult) => goodputTone(valueIn(result, variant.name, name) ?? 0);
    return [{ head, cell, ...(name === 'goodput' && { tone }) }];
  });
}

const counted = { requests: true, attempts: true, effects: true };
