import type { Prediction } from '#lab/result/result.ts';
import { duration, none, number, points, share } from '#lab/text/format.ts';
import { metricOf, type Unit } from './metrics.ts';

/**
 * Returns the name of a predicted figure in words: `goodput250Ms` → `goodput in 250 ms`, `p99Ms` → `p99`,
 * `attemptTimeouts` → `attempt timeouts`, `timeToDrain(after outage)` → `time to drain after outage`.
 */
export function metricName(metric: string): string {
  const [, base, part] = /^(\w+)\((.*)\)$/.exec(metric) ?? [];
  if (base !== undefined) return `${metricName(base)} ${part}`;
  const [, name = metric, ms] = /^(.*?)(\d[\d.e-]*)?Ms$/.exec(metric) ?? [];
  if (name === 'p') return ms === '999' ? 'p99.9' : `p${ms}`;
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return ms === undefined ? words : `${words} in ${duration(Number(ms))}`;
}

/** Returns the format for values of a unit. */
export const formatOf = (unit: Unit): ((value: number) => string) => formats[unit] ?? number;

const formats: Partial<Record<Unit, (value: number) => string>> = { ms: duration, share };

/**
 * Returns the format for differences between values of a unit. Differences of shares are in points, since percent could
 * be read as relative.
 */
export const formatOfDifference = (unit: Unit): ((value: number) => string) =>
  unit === 'share' ? points : formatOf(unit);

/**
 * Returns the unit of a predicted figure, found by the name of its metric. Undefined for a name with a deadline or
 * unit, such as `p99Ms`.
 */
export const unitOfFigure = (figure: string): Unit | undefined => metricOf(/^\w*/.exec(figure)![0])?.unit;

/** Formats the value of a predicted figure in the unit of the figure. */
export function figureShown(metric: string, value: number | null): string {
  if (value === null) return none;
  const unit = metric.endsWith('Ms') ? 'ms' : 'factor';
  return formatOf(metric.startsWith('goodput') ? 'share' : (unitOfFigure(metric) ?? unit))(value);
}

/** Returns the name of a metric in tables of figures. */
export const figureName = (metric: string): string =>
  metric === 'amplification' ? 'attempts / request' : metricName(metric);

/** Formats a predicted value, or both ends of a predicted range: `950 to 1,650`. */
export function predictedShown({
  metric,
  predicted,
  predictedMax,
}: Pick<Prediction, 'metric' | 'predicted' | 'predictedMax'>): string {
  const low = figureShown(metric, predicted);
  return predictedMax === undefined ? low : `${low} to ${figureShown(metric, predictedMax)}`;
}
