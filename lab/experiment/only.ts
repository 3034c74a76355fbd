import { nearestOrAll } from '#kit/schema/nearest.ts';
import { crossCheck } from './checks/checks.ts';
import type { LocatedProblem } from './file/source.ts';
import { measuresOf } from './measures.ts';
import type { Experiment } from './schema.ts';

/** Variants that a run leaves out, and the hypotheses that name such a variant. */
export interface LeftOut {
  readonly variants: string[];
  readonly hypotheses: string[];
}

/** Returns a message for each name in `only` that is not a variant of the experiment. */
export const unknownVariants = ({ variants }: Experiment, only: readonly string[]): string[] =>
  only
    .filter((name) => !Object.hasOwn(variants, name))
    .map((name) => `unknown variant ${name} in --only, ${nearestOrAll(name, Object.keys(variants))}`);

export function onlyVariants(
  experiment: Experiment,
  only: readonly string[],
): { experiment: Experiment; leftOut: LeftOut } {
  const variants = Object.entries(experiment.variants);
  const isKept = (text: string) => measuresOf(text).every(({ variant }) => only.includes(variant));
  return {
    experiment: {
      ...experiment,
      variants: Object.fromEntries(variants.filter(([name]) => only.includes(name))),
      hypothesis: experiment.hypothesis.filter(isKept),
    },
    leftOut: {
      variants: variants.map(([name]) => name).filter((name) => !only.includes(name)),
      hypotheses: experiment.hypothesis.filter((text) => !isKept(text)),
    },
  };
}

/** Reports fields that need a left-out variant, such as a fault on a path that no other variant uses. */
export const withoutVariant = (experiment: Experiment, only: readonly string[]): LocatedProblem[] =>
  crossCheck(experiment, {
    variants: Object.keys(experiment.variants),
    faults: experiment.faults.map(({ name }) => name),
  }).map((problem) => ({ ...problem, message: `with --only ${only.join(',')}: ${problem.message}` }));
