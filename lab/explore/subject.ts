import { InputError } from '#lab/experiment/errors/input-error.ts';
import { type Changes, type Field, fieldAt, withChanges } from '#lab/experiment/field.ts';
import {
  ExperimentError,
  type ExperimentFile,
  type ExperimentText,
  readSource,
} from '#lab/experiment/read.ts';
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

/** An experiment of which numbers can be changed. */
export interface Subject {
  readonly file: ExperimentFile;
  /** Hypotheses that each simulation judges. */
  readonly hypotheses: readonly string[];
  /** Returns the field at a path. Throws InputError. */
  readonly field: (path: string, option: string) => Field;
  /** Returns the experiment with changes. Throws ExperimentError with positions in the unchanged text. */
  readonly with: (changes: Changes) => ExperimentFile;
}

/**
 * Reads an experiment that is to be explored. Throws InputError, in which `nameOf` says where an added hypothesis comes
 * from.
 */
export function openSubject(
  { text, only, seed, hypotheses = [] }: SubjectOptions,
  nameOf: (hypothesis: string) => string = (hypothesis) => `'${hypothesis}'`,
): Subject {
  // Virtual time needs no slow motion, and each seed is a separate simulation.
  const instead = { repeat: 1, slowMotion: 1, ...(seed !== undefined && { seed }) };
  const { file, value, reread } = readSource(text, { instead, only, unsuited: unsimulated });
  const judged = [...file.experiment.hypothesis];
  for (const each of hypotheses) {
    const asked = readWith(each);
    if (!asked.includes(each))
      throw new InputError(`${nameOf(each)}: names a variant that --only leaves out`);
    if (!judged.includes(each)) judged.push(each);
  }
  const added = judged.slice(file.experiment.hypothesis.length);
  const whole = withHypotheses(added);
  return {
    file: added.length > 0 ? reread(whole) : file,
    hypotheses: judged,
    field(path, option) {
      const field = fieldAt(path, value, file.experiment);
      if (typeof field === 'string') throw new InputError(`${option} ${path}: ${field}`);
      return field;
    },
    with: (changes) =>
      changes.size === 0 && added.length === 0 ? file : reread(withChanges(whole, changes)),
  };

  function readWith(hypothesis: string): readonly string[] {
    try {
      return reread(withHypotheses([hypothesis])).experiment.hypothesis;
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      // It has no position, since it isn't in the file.
      const [problem = ''] = error.problems;
      throw new InputError(`${nameOf(hypothesis)}: ${problem.replace(/^.*?: hypothesis\[\d+\]: /, '')}`, {
        cause: error,
      });
    }
  }

  function withHypotheses(more: readonly string[]): unknown {
    const { hypothesis = [] } = value as { hypothesis?: readonly string[] };
    return more.length > 0 ? { ...(value as object), hypothesis: [...hypothesis, ...more] } : value;
  }
}

/**
 * Returns the fields at paths that an option gives. Throws InputError for a path to no field, and for two paths
 * that change the same number.
 */
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
    try {
      subject.with(changesAt(fields, point));
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      // The first problem suffices, since others often follow from it. The file is right, so its lines don't help.
      const [problem = ''] = error.problems;
      const text = `${option} ${describePoint(fields, point)}: ${problem.replace(/^.*?:\d+:\d+: /, '')}`;
      throw new InputError(text, { cause: error });
    }
  }
}
