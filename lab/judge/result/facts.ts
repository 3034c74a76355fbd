import { type Outcome, outcomes } from '#kit/wire.ts';
import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import type { FirstError, FirstErrors } from '#load/protocol.ts';
import type { Result, Series, StallResult, VariantResult } from './result.ts';

/** State of a target in a run without faults. */
export const leftAlone = 'left alone';

/** Returns the variants that have at least one request. */
export const measuredVariants = (result: Result): VariantResult[] =>
  result.variants.filter(({ name }) => valueIn(result, name, 'offered'));

/** Returns the variants that have at least one request, the one with the highest goodput first. */
export function byGoodput(result: Result): VariantResult[] {
  const goodput = ({ name }: VariantResult) => valueIn(result, name, 'goodput') ?? -1;
  return measuredVariants(result).toSorted((a, b) => goodput(b) - goodput(a));
}

/** Returns the share of the offered requests that a count of requests has, e.g. of those with an outcome. */
export const shareOf = (result: Result, variant: string, of: MetricName, window?: string): number =>
  (valueIn(result, variant, of, window) ?? 0) / (valueIn(result, variant, 'offered', window) || 1);

/** True if no variant was finished, e.g. because the run was refused at its start. */
export const isBlank = ({ variants }: Result): boolean => variants.length === 0;

/** True if no error ended the run. That of a client ends only its variant. */
export const isWhole = (result: Result): boolean =>
  !isBlank(result) && result.errors.every(({ name }) => name === 'client');

/** Returns the first errors of a variant as one list, by outcome, and within an outcome by frequency. */
export function errorsOf({ firstErrors }: Pick<VariantResult, 'firstErrors'>) {
  return outcomes.flatMap((outcome) =>
    (firstErrors[outcome] ?? [])
      .toSorted((a, b) => b.count - a.count)
      .map((error) => ({ outcome, ...error })),
  );
}

/** Returns the errors changed by `change`. Drops errors whose count becomes 0. */
export const mapErrors = (
  errors: FirstErrors,
  change: (error: FirstError, outcome: Outcome) => FirstError,
): FirstErrors =>
  Object.fromEntries(
    Object.entries(errors).flatMap(([outcome, all]) => {
      const changed = all.map((error) => change(error, outcome as Outcome)).filter(({ count }) => count > 0);
      return changed.length > 0 ? [[outcome, changed]] : [];
    }),
  );

/** Returns the highest value of a series; null without samples. */
export function peak(variant: VariantResult, column: keyof Series): number | null {
  const known = variant.series[column].flatMap((value) => value ?? []);
  return known.length > 0 ? Math.max(...known) : null;
}

/** Returns the saturated processes. Saturation is a finding about the system, not an error of the testbed. */
export function saturated({ self }: VariantResult): VariantResult['self']['processes'] {
  return self.processes.filter((process) => process.saturated);
}

/**
 * True if a stall may change a verdict. The stall of a saturated service may not, since saturation is a finding about
 * the system. The validity check of the sleep excess limits how far such a stall distorts downstream's latency.
 */
export const isDecisive = ({ process, cause }: StallResult): boolean =>
  cause !== 'saturated' || process === 'generator';

/** Returns the variants whose figures can't be trusted: all of them if a check of the whole run failed. */
export function disturbedIn({ validity, variants }: Pick<Result, 'validity' | 'variants'>): string[] {
  const failed = validity.filter(({ ok }) => !ok);
  if (failed.some(({ wholeRun }) => wholeRun)) return variants.map(({ name }) => name);
  return [...new Set(failed.map(({ variant }) => variant))];
}

export const stallCheck = 'stalls that could change a verdict';

export const clockCheck = 'verdicts finer than the clocks';
