import { duration, none, number, points, share } from '#lab/kit/text/format.ts';
import { metricOf, type Unit } from './catalogue.ts';

/** Returns the name of a metric in words: `attemptTimeouts` → `attempt timeouts`. */
export const metricName = (metric: string): string =>
  metric.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export const formatOf = (unit: Unit): ((value: number) => string) => formats[unit] ?? number;

const formats: Partial<Record<Unit, (value: number) => string>> = { ms: duration, share };

/** Returns the format for differences: of shares in points, since percent could be read as relative. */
export const formatOfDifference = (unit: Unit): ((value: number) => string) =>
  unit === 'share' ? points : formatOf(unit);

/** Formats the value of a metric, or of a term such as `p99(calls)`, in its unit. */
export function figureShown(metric: string, value: number | null): string {
  if (value === null) return none;
  return formatOf(metricOf(/^\w*/.exec(metric)![0])?.unit ?? 'factor')(value);
}

export const figureName = (metric: string): string => metricOf(metric)?.name ?? metricName(metric);
