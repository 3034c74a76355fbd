import type { Series } from '#lab/result/result.ts';

type Column = readonly (number | null)[];

const pointsMax = 400;

/**
 * A series with at most 400 points, so that a report of a long run stays small: neighbours become their mean, for the
 * breaker their highest state and for dead letters their last count.
 */
export function downsample(series: Series): Series {
  const size = Math.ceil(series.tMs.length / pointsMax);
  const merge = (column: Column, one: (values: number[]) => number) =>
    bucketsOf(column, size).map((bucket) => {
      const values = bucket.filter((value) => value !== null);
      return values.length === 0 ? null : toFourDigits(one(values));
    });
  return {
    tMs: bucketsOf(series.tMs, size).map((bucket) => Math.round((bucket[0] ?? 0) * 10) / 10),
    offered: merge(series.offered, mean),
    goodput: merge(series.goodput, mean),
    inFlight: merge(series.inFlight, mean),
    retries: merge(series.retries, mean),
    breaker: merge(series.breaker, (values) => Math.max(...values)),
    backlog: merge(series.backlog, mean),
    dead: merge(series.dead, (values) => values.at(-1) ?? 0),
  };
}

function bucketsOf<T>(column: readonly T[], size: number): T[][] {
  const buckets: T[][] = [];
  for (let i = 0; i < column.length; i += size) buckets.push(column.slice(i, i + size));
  return buckets;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const toFourDigits = (value: number): number => Number(value.toPrecision(4));
