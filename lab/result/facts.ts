import { type Outcome, outcomes } from '#kit/wire.ts';
import type { FirstError, FirstErrors } from '#load/protocol.ts';
import type { Result, Series, StallResult, VariantResult } from './result.ts';

/** Returns the variants that have at least one request. */
export const measuredVariants = (result: Result): VariantResult[] =>
  result.variants.filter((variant) => variant.offered > 0);

/** Returns the variants ordered by goodput, the best first. */
export const byGoodput = (variants: readonly VariantResult[]): VariantResult[] =>
  variants.toSorted((a, b) => b.goodput - a.goodput);

/** True if no variant was finished, e.g. because the run was refused at its start. */
export const isBlank = ({ variants, rounds = [] }: Result): boolean =>
  variants.length === 0 && rounds.every((round) => round.variants.length === 0);

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

type Ends = Pick<VariantResult, 'offered' | 'outcomes'>;

/** Returns the share of the offered requests with one of these outcomes. */
export function shareOf({ offered, outcomes }: Ends, ...names: Outcome[]): number {
  const sum = names.reduce((total, name) => total + outcomes[name], 0);
  return offered > 0 ? sum / offered : 0;
}

/** Returns the share of requests that completed, in time or late. Latency figures cover only these requests. */
export const completedShare = (variant: Ends): number => shareOf(variant, 'ok', 'late');

/** Returns the share of requests whose outcome was still unknown at the end of the run. */
const endlessShare = (part: Ends): number => shareOf(part, 'pending', 'unknown');

/**
 * Returns the number of requests that failed, timed out or died. These neither completed nor were refused by a policy.
 */
export const broken = ({ outcomes }: Pick<Ends, 'outcomes'>): number =>
  outcomes.failed + outcomes.timeout + outcomes.dead;

/** Returns the share of requests that failed, timed out, died or had no outcome. */
export const brokenShare = (part: Ends): number =>
  shareOf(part, 'failed', 'timeout', 'dead') + endlessShare(part);

/** Sums the retries that policies refused after a failed attempt; null if unknown. */
export const refusedRetriesOf = ({ refusedRetries }: Pick<VariantResult, 'refusedRetries'>): number | null =>
  refusedRetries ? Object.values(refusedRetries).reduce((sum, count) => sum + count, 0) : null;

/** Returns the highest value of a series; null without samples. */
export function peak(variant: VariantResult, column: keyof Series): number | null {
  const known = variant.series[column].flatMap((value) => value ?? []);
  return known.length > 0 ? Math.max(...known) : null;
}

/** Returns the deadlines for which all variants have a goodput, ascending. */
export function commonDeadlines(variants: readonly VariantResult[]): number[] {
  const [first, ...others] = variants.map((v) => v.goodputByDeadline.map((point) => point.deadlineMs));
  return (first ?? []).filter((deadline) => others.every((deadlines) => deadlines.includes(deadline)));
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

/** Name of the validity check of stalls. */
export const stallCheck = 'stalls that could change a verdict';

/** Name of the validity check that finds verdicts finer than the error of the clocks. */
export const clockCheck = 'verdicts finer than the clocks';

type Figures = Pick<VariantResult, 'offered' | 'outcomes' | 'goodput'>;

/**
 * True if few requests complete in time, and at least half fail or have no outcome. Refused and late requests don't
 * count as failed.
 */
const isCollapsed = (part: Figures): boolean =>
  part.offered > 0 && part.goodput < 0.2 && brokenShare(part) >= 0.5;

/**
 * Returns the part of a variant that collapsed, if any: the whole variant, or else its last window. Only windows after
 * a fault, after a phase or of a phase count.
 */
export function collapsedPart(
  variant: Figures & Pick<VariantResult, 'windows'>,
): (Figures & { readonly window?: string }) | undefined {
  if (isCollapsed(variant)) return variant;
  const last = variant.windows
    .filter(({ name, span }) => span && /^(after|phase) /.test(name))
    .toSorted((a, b) => b.span!.fromMs - a.span!.fromMs)[0];
  // The few requests right after a fault don't show if a variant recovers.
  const isTelling = last && last.offered >= variant.offered / 10;
  return isTelling && isCollapsed(last) ? { ...last, window: last.name } : undefined;
}
