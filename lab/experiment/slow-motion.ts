import { checker } from '#kit/schema/schema.ts';
import type { LocatedProblem } from './file/source.ts';
import { Experiment } from './schema.ts';

/** Factors that `auto` chooses from. */
export const autoFactors = [1, 2, 4, 8] as const;

/** Names end with their unit; `capacityRps` is a number in flight, in spite of its name. */
const duration = /^ms$|(Ms|Us)$/;
const rate = /PerSecond$/;

/** Fields that are judged by results, which come back in the experiment's own time. */
const judged: ReadonlySet<string> = new Set(['capacity', 'predicted', 'recovery', 'validity']);

/**
 * Returns the experiment as it is conducted in slow motion: every duration times `factor`, every rate divided by it,
 * every count unchanged.
 */
export const slowed = (experiment: Experiment, factor: number): Experiment =>
  factor === 1 ? experiment : (scaled(experiment, factor) as Experiment);

function scaled(value: unknown, factor: number, name = ''): unknown {
  // The times of a recording stand in its file, which `stretch` multiplies.
  if (typeof value === 'number' && (duration.test(name) || name === 'stretch')) return value * factor;
  if (typeof value === 'number' && rate.test(name)) return value / factor;
  if (Array.isArray(value)) return value.map((each) => scaled(each, factor, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [
      field,
      judged.has(field) ? inner : scaled(inner, factor, field),
    ]),
  );
}

const problemsIn = checker(Experiment);

/** Reports what exceeds its limit in slow motion, at its place in the file. */
export function slowMotionProblems(experiment: Experiment): LocatedProblem[] {
  const { slowMotion } = experiment;
  const factor = slowMotion === 'auto' ? Math.max(...autoFactors) : slowMotion;
  return problemsIn(structuredClone(slowed(experiment, factor))).map(({ pointer, message }) => ({
    pointer,
    message: `${message}, in slow motion of ${factor}`,
  }));
}
