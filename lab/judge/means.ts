import type { Series, VariantResult } from './result/result.ts';
import { meanOf } from './statistics/bootstrap.ts';

/** Returns means of counts, and flags of most rounds. Errors and stalls belong to a single round. */
export function meansOf(variants: readonly VariantResult[]): VariantResult {
  const [first] = variants as [VariantResult, ...VariantResult[]];
  const { config } = first;
  const unlike = { ledger: first.ledger, series: first.series, stalls: [] };
  return {
    ...mean(variants.map((variant) => ({ ...variant, ...unlike }))),
    ...{ config, firstErrors: {} },
    ledger: variants.find(({ ledger }) => !ledger.balanced)?.ledger ?? first.ledger,
    series: meanSeries(variants.map(({ series }) => series)),
  };
}

/**
 * Returns the mean of values of the same type. Ignores null, unless all values are null. Of flags, returns the one that
 * most have; of texts, their common text, or an empty one. Joins lists by position.
 */
export function mean<T>(values: readonly T[]): T {
  const known = values.filter((value) => value !== null && value !== undefined);
  const [first] = known;
  if (first === undefined) return values[0]!;
  if (typeof first === 'number') return meanOf(known as number[]) as T;
  if (typeof first === 'boolean') return (known.filter(Boolean).length * 2 > known.length) as T;
  if (typeof first !== 'object') return (known.every((value) => value === first) ? first : '') as T;
  if (Array.isArray(first)) {
    const lists = known as unknown[][];
    return first.map((_, index) => mean(lists.flatMap((list) => (index in list ? [list[index]] : [])))) as T;
  }
  const objects = known as Record<string, unknown>[];
  const keys = [...new Set(objects.flatMap(Object.keys))];
  return Object.fromEntries(
    keys.map((key) => [key, mean(objects.flatMap((each) => (key in each ? [each[key]] : [])))]),
  ) as T;
}

/**
 * Returns the mean of series on the time axis of the longest. A shorter one keeps its last values: its load has ended.
 * The state of the breaker is the median, since a mean is no state.
 */
function meanSeries(all: readonly Series[]): Series {
  const longest = all.toSorted((a, b) => (b.tMs.at(-1) ?? 0) - (a.tMs.at(-1) ?? 0))[0]!;
  // Longer runs have longer intervals, so a time may lie between two points of another series.
  const places = all.map((series) =>
    longest.tMs.map((atMs) => {
      const next = series.tMs.findIndex((tMs) => tMs > atMs);
      return next < 0 ? series.tMs.length - 1 : Math.max(0, next - 1);
    }),
  );
  const column = (name: keyof Series, of: (values: readonly number[]) => number) =>
    longest.tMs.map((_, point) => {
      const known = all.flatMap((series, i) => series[name][places[i]![point]!] ?? []);
      return known.length > 0 ? of(known) : null;
    });
  return {
    tMs: longest.tMs,
    offered: column('offered', meanOf),
    goodput: column('goodput', meanOf),
    inFlight: column('inFlight', meanOf),
    retries: column('retries', meanOf),
    breaker: column('breaker', (states) => states.toSorted()[states.length >> 1]!),
    backlog: column('backlog', meanOf),
    dead: column('dead', meanOf),
  };
}
