import { metric, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import type { Counted, CountedRun } from '#lab/experiment/metrics/counted.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';

/** Returns the figures of a variant and its windows, with goodput at `deadlinesMs`. Leaves out what was not measured. */
export const figuresOf = (
  variant: string,
  run: CountedRun,
  deadlinesMs: readonly number[] = [],
): Figure[] => [
  ...figuresIn(variant, run, deadlinesMs),
  ...metricNames.flatMap((name): Figure[] => {
    const value = metric(name).overall?.(run) ?? null;
    return value === null ? [] : [{ variant, metric: name, source: 'measured', value }];
  }),
  ...run.windows.flatMap((window) => figuresIn(variant, window, deadlinesMs)),
];

function figuresIn(variant: string, counted: Counted, deadlinesMs: readonly number[] = []): Figure[] {
  const { window, offered, goodputByDeadline } = counted;
  // Only metrics of whole runs read what windows lack.
  const part = (window === undefined ? counted : { ...counted, windows: [] }) as CountedRun;
  const wrong = window === undefined ? 'after' : 'whole';
  const place = { variant, ...(window !== undefined && { window }), source: 'measured' as const };
  return [
    ...metricNames.flatMap((name): Figure[] => {
      const { only, unit, of, atLeast, tooEarly, source = 'measured' } = metric(name);
      if (only === wrong) return [];
      const value = of(part);
      if (value !== null)
        return [{ ...place, source, metric: name, value, ...(unit === 'share' && { n: offered }) }];
      const [least, reason] = [atLeast?.(part) ?? null, tooEarly?.(part)];
      if (least === null && reason === undefined) return [];
      const why = { ...(least !== null && { atLeast: least }), ...(reason !== undefined && { reason }) };
      return [{ ...place, metric: name, value, ...why }];
    }),
    ...goodputByDeadline
      .filter(({ deadlineMs }) => offered > 0 && deadlinesMs.includes(deadlineMs))
      .map(({ deadlineMs, goodput }) => ({
        ...{ ...place, metric: 'goodput', deadlineMs, value: goodput, n: offered },
      })),
  ];
}
