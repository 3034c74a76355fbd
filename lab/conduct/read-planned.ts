import { insteadOf } from '#lab/experiment/check.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type ExperimentFile, readEach } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import type { World } from '#lab/world/world.ts';
import type { Plan } from './plan.ts';

type ReadOptions = Parameters<typeof insteadOf>[0] &
  Pick<Plan, 'withoutFaults'> & {
    /** Variants to conduct. @default all */
    readonly only?: readonly string[] | undefined;
  };

/** Throws InputError for all problems in the files, after the caller's `problems`, and for unsuitable options. */
export function readPlanned(
  paths: readonly string[],
  { isSimulated, atFullSpeedOnly, unsupported }: World,
  { slowMotion, only, withoutFaults, ...options }: ReadOptions,
  problems: readonly string[] = [],
): ExperimentFile[] {
  // Virtual time needs no slow motion.
  const instead = insteadOf({ ...options, slowMotion: isSimulated ? 1 : slowMotion });
  const tooSlow = slowMotion !== undefined && slowMotion !== 1 && atFullSpeedOnly;
  const unsuited = (experiment: Experiment) => [
    ...unsupported(tooSlow ? { ...experiment, slowMotion: 1 } : experiment),
    ...(withoutFaults ? inVain(experiment) : []),
  ];
  const read = readEach(paths, { instead, unsuited, only });
  const all = [
    ...(tooSlow ? [`--slow-motion ${slowMotion}: expected 1, since ${tooSlow}`] : []),
    ...problems,
    ...read.problems,
  ];
  if (all.length > 0) throw new InputError(all.join('\n'));
  return read.files;
}

const inVain = ({ faults }: Experiment): LocatedProblem[] =>
  faults.length === 0 ? [{ pointer: '', message: 'expected faults beside --without-faults' }] : [];
