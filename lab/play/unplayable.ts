import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';

/** Reports parts of an experiment that a page doesn't support. */
export const unplayable = (experiment: Experiment): LocatedProblem[] => [
  ...unsimulated(experiment),
  ...Object.entries(experiment.variants).flatMap(([name, { client }]) => {
    const pointer = `/variants/${escapePointer(name)}/client`;
    return client === undefined
      ? []
      : [{ pointer, message: 'expected none on a page, which runs no code of yours' }];
  }),
];
