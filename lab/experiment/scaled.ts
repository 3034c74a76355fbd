import { checker } from '#kit/schema/parser.ts';
import { escapePointer } from '#kit/schema/problems.ts';
import { optionsOverTime } from './changes.ts';
import type { LocatedProblem } from './file/source.ts';
import { Experiment, type Variant } from './schema.ts';

/** Factors that `auto` chooses from. */
export const autoFactors = [1, 2, 4, 8] as const;

/**
 * Names of durations, which end with their unit. `capacityRps` doesn't match, since it is a number of requests in
 * flight.
 */
const duration = /^ms$|(Ms|Us)$/;
const rate = /PerSecond$/;

/** Multiplies every duration by `factor`, and divides every rate by it. Counts stay. */
export function slowed(experiment: Experiment, factor: number): Experiment {
  if (factor === 1) return experiment;
  // The names of variants and classes are the file's, and could be those of fields. Weights of classes stay.
  // `recovery` and `validity` are rules for results, which are converted back to the experiment's own time.
  const { variants, classes: _classes, recovery: _recovery, validity: _validity, ...fields } = experiment;
  const slow = ([name, variant]: [string, Variant]) => [name, slowedField('', variant, factor)];
  return {
    ...experiment,
    ...(slowedField('', fields, factor) as typeof fields),
    variants: Object.fromEntries(Object.entries(variants).map(slow)),
  };
}

/** Slows a value whose field the schema calls `name`. */
function slowedField(name: string, value: unknown, factor: number): unknown {
  if (typeof value === 'number' && duration.test(name)) return value * factor;
  if (typeof value === 'number' && rate.test(name)) return value / factor;
  if (Array.isArray(value)) return value.map((each) => slowedField(name, each, factor));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, slowedField(field, inner, factor)]),
  );
}

/** Returns the variants that wait for the broker's timer of redeliveries, which is as fast in slow motion. */
export const unslowedIn = ({ variants }: Experiment): LocatedProblem[] =>
  Object.entries(variants)
    .flatMap(([name, variant]) => optionsOverTime(variant, `/variants/${escapePointer(name)}`))
    .flatMap(({ pointer, consumer }) =>
      consumer?.redelivery?.by === 'server'
        ? {
            pointer: `${pointer}/consumer/redelivery/by`,
            message:
              'slow motion does not slow the broker’s timer, so redeliveries come too early: use full speed',
            onKey: true,
          }
        : [],
    );

const problemsIn = checker(Experiment);

export function slowMotionProblems(experiment: Experiment): LocatedProblem[] {
  const { slowMotion } = experiment;
  const factor = slowMotion === 'auto' ? Math.max(...autoFactors) : slowMotion;
  return problemsIn(structuredClone(slowed(experiment, factor))).map(({ pointer, message }) => ({
    pointer,
    message: `${message}, in slow motion of ${factor}`,
  }));
}
