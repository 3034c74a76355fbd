import type { Experiment } from '#lab/experiment/schema.ts';
import { changedKeys } from '#lab/experiment/text/flatten.ts';

/** Fields that affect only how evidence is judged, not how a run is conducted. */
const judged = ['title', 'description', 'hypothesis', 'steadyState', 'recovery', 'validity'];

/**
 * Returns the fields that differ between the two experiments, so that the evidence of `conducted` can't answer `asked`.
 */
export function unanswerable(conducted: Experiment, asked: Experiment): string[] {
  const changed = changedKeys(conductedOnly(conducted), conductedOnly(asked));
  if (conducted.deadlineMs === asked.deadlineMs || !passesDeadline(conducted)) return changed;
  return [...changed, 'deadlineMs (the policy deadline passed it on)'];
}

const passesDeadline = ({ variants }: Experiment): boolean =>
  Object.values(variants).some(({ policies }) => policies.some((policy) => 'deadline' in policy));

function conductedOnly({ deadlineMs: _, variants, ...rest }: Experiment): object {
  return {
    ...without(rest, judged),
    variants: Object.fromEntries(
      Object.entries(variants).map(([name, variant]) => [name, without(variant, ['description'])]),
    ),
  };
}

const without = (value: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
