import { isShared } from '#lab/evidence/clocks.ts';
import { hypothesesOver, measuresOf } from '#lab/experiment/measures.ts';
import { metrics } from '#lab/experiment/metrics/catalogue.ts';
import type { CountedRun } from '#lab/experiment/metrics/counted.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { duration } from '#lab/experiment/text/format.ts';
import { judge } from './hypotheses/hypothesis.ts';
import type { Observation } from './observation/observation.ts';
import { clockCheck } from './result/facts.ts';
import type { ValidityCheck, VariantResult } from './result/result.ts';

/** Highest error of the clocks at which outcomes still count, as a share of the deadline. */
const errorShareMax = 0.01;

/**
 * True if figures of a variant compare two clocks: the outcome of an event whose completion was lost depends on the time
 * of its effect. False if all processes share the lab's clock.
 */
export const comparesClocks = (
  { clocks }: Pick<Observation, 'clocks'>,
  { audited }: Pick<CountedRun, 'audited'>,
): boolean => audited > 0 && (clocks?.processes ?? []).some(({ readings }) => !isShared(readings));

/**
 * Returns the difference in ms between the sides of a hypothesis on a time, or Infinity if one has no value. Undefined
 * for a hypothesis on something else.
 */
export function marginOf(text: string, figures: readonly Figure[]): number | undefined {
  if (!measuresOf(text).some(({ metric }) => metrics[metric].unit === 'ms')) return undefined;
  const { left, right } = judge(text, figures);
  return left === null || right === null ? Infinity : Math.abs(left - right);
}

/** Experiment with the figures by which its hypotheses are judged. */
export interface Judged {
  readonly experiment: Experiment;
  readonly figures: readonly Figure[];
}

/** Returns the check of a variant that leaves the hypotheses in `open` without a verdict. */
export const openedBy = (
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
 * Checks if a verdict on a variant is finer than the error of its clocks allows; no check without readings of clocks. A
 * verdict on a time is if its margin is within the error. Any other verdict is if the error exceeds 1 % of the deadline.
 * `comparesClocks` is true if figures of the variant compare two clocks.
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
