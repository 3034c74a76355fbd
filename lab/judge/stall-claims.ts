import type { Requests } from '#lab/evidence/requests.ts';
import { printWindow } from '#lab/experiment/hypothesis/terms.ts';
import { hypothesesOver, measuresOf } from '#lab/experiment/measures.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Span } from '#lab/experiment/span.ts';
import { type Judged, marginOf, openedBy } from './clock-claims.ts';
import { describeStalls } from './figures/stall-text.ts';
import { isDecisive, stallCheck } from './result/facts.ts';
import type { ValidityCheck, VariantResult } from './result/result.ts';
import { stallMsOf } from './validity/limits.ts';
import { adviceOnSlowness, type Machine } from './validity/slow-machine.ts';

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

/**
 * Returns for each hypothesis about a variant when the last of its requests ended; Infinity if one did not end. Empty
 * without stalls.
 */
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
