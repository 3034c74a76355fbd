import type { Queries } from '#grafana/panels.ts';

/** Sums an expression over the time range, of which one factor says what counts. */
const over = (expr: string, factor: string): string =>
  `sum_over_time((${expr} * ${factor})[$__range:$__interval])`;

/**
 * The same query for the time before, during and after faults, of each variant where a run has some. What is to be summed over one of them is passed to
 * `within`; a ratio of sums weighs each request alike, which a mean of ratios doesn't.
 */
export function inWindows(legend: string, query: (within: (expr: string) => string) => string): Queries {
  const queries = ['before', 'during', 'after'].map((window) => {
    const factor = `on () group_left (variant) spillway:window:active{window="${window}"}`;
    return [`${window}, ${legend} {{variant}}`, query((expr) => over(expr, factor))];
  });
  return Object.fromEntries(queries);
}

/** Sums an expression over the time range, phase by phase. */
export const inPhases = (expr: string): string =>
  over(expr, 'on () group_left (phase) (max by (phase) (spillway_load_phase) == 1)');
