import { checker } from '#kit/schema/parser.ts';
import type { LocatedProblem } from './file/source.ts';
import { Experiment } from './schema.ts';

/** Factors that `auto` chooses from. */
export const autoFactors = [1, 2, 4, 8] as const;

/**
 * Names of durations, which end with their unit. `capacityRps` doesn't match, since it is a number of requests in
 * flight.
 */
const duration = /^ms$|(Ms|Us)$/;
const rate = /PerSecond$/;

/**
 * Fields with limits for results. They stay unchanged, since results are converted back to the experiment's own time.
 */
const judged: ReadonlySet<string> = new Set(['recovery', 'validity']);

/**
 * Returns the experiment as it runs in slow motion: every duration is multiplied by `factor`, every rate is divided by
 * it, and every count stays.
 */
export const slowed = (experiment: Experiment, factor: number): Experiment =>
  factor === 1 ? experiment : (slowedField('', experiment, factor) as Experiment);

function slowedField(name: string, value: unknown, factor: number): unknown {
  if (judged.has(name)) return value;
  // The times of a recording are in its own file. `stretch` multiplies them.
  if (typeof value === 'number' && (duration.test(name) || name === 'stretch')) return value * factor;
  if (typeof value === 'number' && rate.test(name)) return value / factor;
  if (Array.isArray(value)) return value.map((each) => slowedField(name, each, factor));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, slowedField(field, inner, factor)]),
  );
}

const problemsIn = checker(Experiment);

/** Reports fields that exceed their limits in slow motion. */
export function slowMotionProblems(experiment: Experiment): LocatedProblem[] {
  const { slowMotion } = experiment;
  const factor = slowMotion === 'auto' ? Math.max(...autoFactors) : slowMotion;
  return problemsIn(structuredClone(slowed(experiment, factor))).map(({ pointer, message }) => ({
    pointer,
    message: `${message}, in slow motion of ${factor}`,
  }));
}
