import { type Outcome, outcomes } from '#kit/wire.ts';
import type { FirstError, FirstErrors } from '#load/protocol.ts';
import { leftAlone, type Span, type StallResult } from './incidents.ts';
import type { Result, VariantResult } from './result.ts';
import type { Series } from './series.ts';

/** Variants with figures; one that an early end left without a request has none. */
export const measuredVariants = (result: Result): VariantResult[] =>
  result.variants.filter((variant) => variant.offered > 0);

/** Whether no variant was finished, as where a run is refused at its start. */
export const isBlank = ({ variants, rounds = [] }: Result): boolean =>
  variants.length === 0 && rounds.every((round) => round.variants.length === 0);

/** What the variants are, of a single run or of rounds. */
export const configured = (result: Result): NonNullable<Result['configured']> =>
  result.configured ?? result.variants;

/** The first errors of a variant as one list, the most frequent of each outcome first. */
export function errorsOf({ firstErrors = {} }: Pick<VariantResult, 'firstErrors'>) {
  return outcomes.flatMap((outcome) =>
    (firstErrors[outcome] ?? [])
      .toSorted((a, b) => b.count - a.count)
      .map((error) => ({ outcome, ...error })),
  );
}

/** The errors, each changed; without those of no request. */
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

/** The part of the offered requests that ended in one of these ways. */
export function shareOf({ offered, outcomes }: Ends, ...names: Outcome[]): number {
  const sum = names.reduce((total, name) => total + outcomes[name], 0);
  return offered > 0 ? sum / offered : 0;
}

/** The part that had its effect, in time or late: what the latency figures cover. */
export const completedShare = (variant: Ends): number => shareOf(variant, 'ok', 'late');

/** The part that came to no end while the run lasted. */
export const endlessShare = (part: Ends): number => shareOf(part, 'pending', 'unknown');

/** Those that downstream or time denied: neither done nor refused by a policy. */
export const broken = ({ outcomes }: Pick<Ends, 'outcomes'>): number =>
  outcomes.failed + outcomes.timeout + outcomes.dead;

/** The part that was denied, or came to no end. */
export const brokenShare = (part: Ends): number =>
  shareOf(part, 'failed', 'timeout', 'dead') + endlessShare(part);

/** A fault that stood in the way of a variant's requests. */
export interface Met extends Span {
  readonly target: string;
  readonly done: string;
}

/** The faults that stood in the way of the variant's requests, when they were really in force. */
export const faultsMet = ({ faults = [] }: VariantResult): Met[] =>
  faults.flatMap(({ target, done, onPath, took }) =>
    onPath && took && done !== leftAlone ? [{ target, done, ...took }] : [],
  );

/** Retries that policies refused after a failed attempt; null if nothing counted them. */
export const refusedRetriesOf = ({ refusedRetries }: Pick<VariantResult, 'refusedRetries'>): number | null =>
  refusedRetries ? Object.values(refusedRetries).reduce((sum, count) => sum + count, 0) : null;

/** The highest value of a series, or null when nothing was sampled. */
export function peak(variant: VariantResult, column: keyof Series): number | null {
  return variant.series[column].reduce<number | null>(
    (max, value) => (value !== null && (max === null || value > max) ? value : max),
    null,
  );
}

/** Deadlines for which every one of these variants has its goodput, rising. */
export function commonDeadlines(variants: readonly VariantResult[]): number[] {
  const [first, ...others] = variants.map((v) => v.goodputByDeadline.map((point) => point.deadlineMs));
  return (first ?? []).filter((deadline) => others.every((deadlines) => deadlines.includes(deadline)));
}

/**
 * Of the common deadlines, the experiment's own and the round ones from a twentieth of it on, so that a text names
 * figures a reader can keep and waits that somebody might choose.
 */
export function roundDeadlines(result: Result): number[] {
  const isRound = (ms: number) => [1, 2, 2.5, 5].includes(ms / 10 ** Math.floor(Math.log10(ms)));
  const own = result.experiment.deadlineMs;
  return commonDeadlines(measuredVariants(result)).filter(
    (ms) => ms === own || (ms >= own / 20 && isRound(ms)),
  );
}

/** Whether the testbed's own ends kept up, so that what a model predicts applies. */
export const isWithinModel = (variant: VariantResult): boolean =>
  !saturated(variant).some(({ name }) => name === 'generator' || name === 'downstream');

/** Processes whose event loop was too late: a finding about the system, not an error of the testbed. */
export function saturated({ self }: VariantResult): VariantResult['self']['processes'] {
  return self.processes.filter((process) => process.saturated);
}

/**
 * True if a stall may decide a verdict. That a service saturates is a finding about it instead; what that does to the
 * dependency's latency is limited by the check of its sleep.
 */
export const isDecisive = ({ process, cause, requests }: StallResult): boolean =>
  requests > 0 && (cause !== 'saturated' || process === 'generator');

/** The name of the check of a variant's stalls. */
export const stallCheck = 'stalls that may decide';
