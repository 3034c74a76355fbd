import { type Changes, type Field, fieldAt, withChanges } from '#lab/experiment/field.ts';
import {
  ExperimentError,
  type ExperimentFile,
  type ExperimentText,
  readSource,
} from '#lab/experiment/read.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import { areOverlapping, changesAt, describePoint, type Point } from './space.ts';

/** Options that all simulations of an exploration share. Plain data, since workers receive it. */
export interface SubjectOptions {
  readonly text: ExperimentText;
  readonly only?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  /** Hypotheses to judge besides those of the file. */
  readonly hypotheses?: readonly string[];
}

export interface Subject {
  readonly file: ExperimentFile;
  /** Returns the field at a path. Throws InputError. */
  readonly field: (path: string, option: string) => Field;
  /** Returns the experiment with changes. Throws ExperimentError with positions in the unchanged text. */
  readonly with: (changes: Changes) => ExperimentFile;
  /** Returns the first problem of the experiment with changes, without a position; undefined if it is valid. */
  readonly problemWith: (changes: Changes) => string | undefined;
}

/** Reads an experiment to explore. `nameOf` says in errors where an added hypothesis comes from. Throws InputError. */
export function openSubject(
  { text, only, seed, hypotheses = [] }: SubjectOptions,
  nameOf: (hypothesis: string) => string = (hypothesis) => `'${hypothesis}'`,
): Subject {
  // Virtual time needs no slow motion, and each seed is a separate simulation.
  const instead = { repeat: 1, slowMotion: 1, ...(seed !== undefined && { seed }) };
  const { file, value, reread } = readSource(text, { instead, only, unsuited: unsimulated });
  const added = hypotheses.filter((each) => !file.experiment.hypothesis.includes(each));
  for (const each of added) {
    const problem = problemIn(() => reread(withHypotheses([each])));
    if (problem !== undefined)
      throw new InputError(`${nameOf(each)}: ${problem.replace(/^hypothesis\[\d+\]: /, '')}`);
  }
  const whole = withHypotheses([...new Set(added)]);
  const all = reread(whole);
  const leftOut = added.find((each) => !all.experiment.hypothesis.includes(each));
  if (leftOut !== undefined)
    throw new InputError(`${nameOf(leftOut)}: names a variant that --only leaves out`);
  const changed = (changes: Changes) => reread(withChanges(whole, changes));
  return {
    file: all,
    field(path, option) {
      const field = fieldAt(path, value, file.experiment);
      if (typeof field === 'string') throw new InputError(`${option} ${path}: ${field}`);
      return field;
    },
    with: changed,
    problemWith: (changes) => problemIn(() => changed(changes)),
  };

  function withHypotheses(more: readonly string[]): unknown {
    const { hypothesis = [] } = value as { hypothesis?: readonly string[] };
    return more.length > 0 ? { ...(value as object), hypothesis: [...hypothesis, ...more] } : value;
  }
}

/**
 * Returns the first problem of what `read` reads, since others often follow from it. Leaves out the position, since what
 * is wrong is not in the file.
 */
function problemIn(read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    return error.problems[0]!.replace(/^.*?:\d+:\d+: /, '');
  }
}

/** Returns the fields at paths. Throws InputError for a path to no field, and for two paths to the same number. */
export function fieldsAt(
  { field }: Pick<Subject, 'field'>,
  option: string,
  paths: readonly string[],
): Field[] {
  const fields: Field[] = [];
  for (const path of paths) {
    const found = field(path, option);
    const other = fields.find((each) => areOverlapping(each, found));
    if (other)
      throw new InputError(`${option}: expected paths to different numbers, got ${other.path} and ${path}`);
    fields.push(found);
  }
  return fields;
}

/** Checks the experiment at each point. Throws InputError for the first point at which it is invalid. */
export function checkPoints(
  { subject, fields }: { readonly subject: Subject; readonly fields: readonly Field[] },
  option: string,
  points: readonly Point[],
): void {
  for (const point of points) {
    const problem = subject.problemWith(changesAt(fields, point));
    if (problem !== undefined) throw new InputError(`${option} ${describePoint(fields, point)}: ${problem}`);
  }
}
