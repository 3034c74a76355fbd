import { isShared } from '#lab/evidence/clocks.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import { printWindow } from '#lab/experiment/hypothesis/terms.ts';
import { hypothesesOver, measuresOf } from '#lab/experiment/measures.ts';
import { metrics } from '#lab/experiment/metrics/catalogue.ts';
import type { CountedRun } from '#lab/experiment/metrics/counted.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Span } from '#lab/experiment/span.ts';
import { duration } from '#lab/kit/text/format.ts';
import { describeStalls } from './figures/stall-text.ts';
import { judge } from './hypotheses/hypothesis.ts';
import type { Observation } from './observation/observation.ts';
import { clockCheck, isDecisive, stallCheck } from './result/facts.ts';
import type { ValidityCheck, VariantResult } from './result/result.ts';
import { adviceOnSlowness, type Machine, stallMsOf } from './validity/limits.ts';

/** Highest error of the clocks at which outcomes still count, as a share of the deadline. */
const errorShareMax = 0.01;

/** True if an outcome was decided by the time of an effect, on another clock than that of the request. */
export const comparesClocks = (
  { clocks }: Pick<Observation, 'clocks'>,
  { audited }: Pick<CountedRun, 'audited'>,
): boolean => audited > 0 && (clocks?.processes ?? []).some(({ readings }) => !isShared(readings));

/** Returns the ms between the sides of a hypothesis on a time, Infinity if one has no value. Else undefined. */
function marginOf(text: string, figures: readonly Figure[]): number | undefined {
  if (!measuresOf(text).some(({ metric }) => metrics[metric].unit === 'ms')) return undefined;
  const { left, right } = judge(text, figures);
  return left === null || right === null ? Infinity : Math.abs(left - right);
}

interface Judged {
  readonly experiment: Experiment;
  readonly figures: readonly Figure[];
}

/** Returns the check of a variant that leaves the hypotheses in `open` without a verdict. */
const openedBy = (
  name: string,
  variant: string,
  open: string[],
  texts: Pick<ValidityCheck, 'finding' | 'remedy'>,
): ValidityCheck => ({
  ...{ name, variant, ok: open.length === 0, measured: open.length, limit: 0, unit: 'verdicts' },
  meaning: `That could change the verdict on ${open.join('; ')}.`,
  hypotheses: open,
  ...texts,
});

/**
 * Checks if a verdict is finer than the error of the clocks: one on a time if its margin is within the error, any
 * other if the error exceeds 1 % of the deadline. There is no check without readings of clocks.
 */
export function clocksChecked(
  { experiment, figures }: Judged,
  { name, self: { comparedWithinMs: errorMs } }: VariantResult,
  comparesClocks: boolean,
): ValidityCheck[] {
  if (errorMs === undefined) return [];
  const isTooFine = (text: string): boolean => {
    const marginMs = marginOf(text, figures);
    return marginMs === undefined ? errorMs > errorShareMax * experiment.deadlineMs : marginMs <= errorMs;
  };
  const open = comparesClocks ? hypothesesOver(experiment, name).filter(isTooFine) : [];
  const finding = `effects and requests are compared to ${duration(errorMs)}, the error of the clocks`;
  const remedy =
    'Run the lab and the services closer together, e.g. in one network or on one machine. Or leave a wider margin in the hypothesis.';
  return [openedBy(clockCheck, name, open, { finding, remedy })];
}

/** Time at which the last request ended that a hypothesis about a variant counts, by hypothesis. */
export type LastEnds = Map<string, number>;

/**
 * Checks which hypotheses the stalls of a variant may have decided: those that count a request which was scheduled or
 * ended after the stall began. A stall shorter than `stallMsOf` may only decide a time with a margin that is no longer.
 * A hypothesis without an end in `ends` is opened by no stall.
 */
export function stallsChecked(
  { experiment, figures, machine }: Judged & { readonly machine: Machine },
  { name, stalls }: VariantResult,
  ends: LastEnds,
): ValidityCheck {
  const opening = (text: string) => {
    const limitMs =
      experiment.validity.stallMs ??
      Math.min(stallMsOf(experiment, name), marginOf(text, figures) ?? Infinity);
    const isOpening = ({ fromMs, untilMs }: Span) =>
      untilMs - fromMs >= limitMs && fromMs < (ends.get(text) ?? -Infinity);
    return stalls.filter((stall) => isDecisive(stall) && isOpening(stall));
  };
  const open = hypothesesOver(experiment, name).filter((text) => opening(text).length > 0);
  const all = new Set(open.flatMap(opening));
  return openedBy(stallCheck, name, open, {
    finding: describeStalls([...all], machine.slowMotion?.factor).join('; '),
    remedy: adviceOnSlowness(machine),
  });
}

/** Returns when the last request of each hypothesis ended; Infinity if one didn't. Empty without stalls. */
export function lastEnds(
  experiment: Experiment,
  { name, stalls, windows }: Pick<VariantResult, 'name' | 'stalls' | 'windows'>,
  requests: Requests,
): LastEnds {
  if (stalls.length === 0) return new Map();
  const endsMs = requests.endsMs();
  const endOf = (window: string) => {
    const { span = null } = windows.find(({ name }) => name === window) ?? {};
    // A stall may be the reason why the fault of a window was never in force.
    if (span === null) return Infinity;
    return requests.scheduledAtMs.reduce(
      (last, ms, index) => (ms >= span.fromMs && ms < span.untilMs ? Math.max(last, endsMs[index]!) : last),
      -Infinity,
    );
  };
  return new Map(
    hypothesesOver(experiment, name).map((text) => {
      const own = measuresOf(text).filter(({ variant }) => variant === name);
      // Figures of the whole run also count what services did after the last request had ended.
      return [text, Math.max(...own.map(({ window }) => (window ? endOf(printWindow(window)) : Infinity)))];
    }),
  );
}
