import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type Problem, segmentsOf } from '#kit/schema/problems.ts';
import { cut } from '#kit/schema/shorten.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { plural } from '#lab/kit/text/format.ts';
import { check, type Instead } from './check.ts';
import { fileOf, nearestInCourse } from './course.ts';
import { type LocatedProblem, type Position, YamlError, YamlSource } from './file/source.ts';
import { type LeftOut, onlyVariants, unknownVariants, withoutVariant } from './only.ts';
import { programProblems } from './programs.ts';
import { unslowedIn } from './scaled.ts';
import type { Experiment } from './schema.ts';

export interface ExperimentFile {
  readonly experiment: Experiment;
  /** The file's name without its ending. */
  readonly name: string;
  readonly file: string;
  readonly source: string;
  readonly instead?: Instead | undefined;
  /** Variants and hypotheses that `--only` leaves out. Missing if the experiment has all variants of its file. */
  readonly leftOut?: LeftOut | undefined;
}

export class ExperimentError extends InputError {
  override readonly name = 'ExperimentError';
  /** Problems in the order of the file: `experiments/x.yaml:12:7: load[0].arrivals.rate: unknown field, expected …`. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options);
    this.problems = problems;
  }
}

const bytesMax = 250_000;
const problemsMax = 50;
const lineLengthMax = 600;

/** Reads an experiment, given by its path or by its name or number in the course. Throws ExperimentError. */
export const readExperiment = (given: string, instead?: Instead, only?: readonly string[]): ExperimentFile =>
  readSource(textOf(given), { instead, only }).file;

/** File of an experiment, before it is checked. */
export type ExperimentText = Pick<ExperimentFile, 'name' | 'file' | 'source'>;

interface ReadOptions {
  readonly instead?: Instead | undefined;
  readonly only?: readonly string[] | undefined;
  /** Reports fields of a valid experiment that the caller can't use. */
  readonly unsuited?: ((experiment: Experiment) => readonly LocatedProblem[]) | undefined;
}

/**
 * Reads and checks the text of an experiment. Throws ExperimentError, and so does `reread`, which checks a changed value,
 * with positions in the unchanged text.
 */
export function readSource(text: ExperimentText, options: ReadOptions = {}) {
  const yaml = parsed(text.source, text.file);
  const reread = (value: unknown) => checked(value, text, yaml, options);
  return { file: reread(yaml.value), value: yaml.value, reread };
}

function checked(
  value: unknown,
  text: ExperimentText,
  yaml: YamlSource,
  options: ReadOptions,
): ExperimentFile {
  const { instead, only, unsuited = () => [] } = options;
  const { file } = text;
  const refuse = (problems: readonly LocatedProblem[]) => {
    if (problems.length > 0) throw new ExperimentError(located(problems, text, yaml));
  };
  const experiment = check(value, instead);
  if (Array.isArray(experiment)) throw new ExperimentError(located(experiment, text, yaml));
  refuse(programProblems(file, experiment));
  const read = { ...text, experiment, instead };
  if (!only) {
    refuse(unsuited(experiment));
    return read;
  }
  const unknown = unknownVariants(experiment, only);
  if (unknown.length > 0) throw new ExperimentError(unknown.map((problem) => `${file}: ${problem}`));
  const { leftOut, ...part } = onlyVariants(experiment, only);
  refuse(withoutVariant(part.experiment, only));
  refuse(unsuited(part.experiment));
  return { ...read, ...part, ...(leftOut.variants.length > 0 && { leftOut }) };
}

/** Reads the file of an experiment, given by its path or by its name or number in the course. Throws ExperimentError. */
export function textOf(given: string): ExperimentText {
  const file = fileOf(given);
  const whole = basename(file);
  if (/^\.|\p{Cc}/u.test(whole))
    throw new ExperimentError([
      `${file}: expected a file whose name begins with no dot and holds no control character, since a folder is named after it`,
    ]);
  return { name: basename(whole, extname(whole)), file, source: readText(file) };
}

/** Reads and checks the text of an experiment from `file`. Throws ExperimentError. */
export const parseExperiment = (source: string, file: string, instead?: Instead): Experiment =>
  readSource({ name: basename(file), file, source }, { instead }).file.experiment;

/** Returns the warnings about an experiment that was read, one line each, in the order of the file. */
export function warningsOf(file: ExperimentFile): string[] {
  const { experiment } = file;
  const isSlowed = experiment.slowMotion !== 1 && experiment.slowMotion !== 'auto';
  const all = isSlowed ? unslowedIn(experiment) : [];
  return all.length === 0 ? [] : located(all, file, undefined, 'warning: ');
}

/** Formats problems with their positions in the file, one line each. */
const located = (
  problems: readonly LocatedProblem[],
  text: ExperimentText,
  yaml = parsed(text.source, text.file),
  label = '',
): string[] => linesOf(problems, (problem) => yaml.positionOf(problem), text.file, label);

function readText(file: string): string {
  const refuse = (message: string, cause?: unknown) =>
    new ExperimentError([`${file}: ${message}`], { cause });
  let bytes: Buffer;
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw refuse('expected a file, got a folder: name its files');
    if (!stats.isFile()) throw refuse('expected a regular file');
    if (stats.size > bytesMax) throw refuse(`expected at most ${bytesMax} bytes, got ${stats.size}`);
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof ExperimentError) throw error;
    const near = existsSync(file)
      ? undefined
      : existsSync(`${file}.yaml`)
        ? `${file}.yaml`
        : nearestInCourse(file);
    if (near !== undefined)
      throw new ExperimentError([`no experiment ${file}, did you mean ${near}?`], { cause: error });
    const where = file === basename(file) ? '; `list` shows the experiments of the course' : '';
    throw refuse(refusalOf(error) + where, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw refuse('expected text in UTF-8', error);
  }
}

function parsed(source: string, file: string): YamlSource {
  try {
    return new YamlSource(source);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const problems = error.problems.map((problem) => ({ ...problem, pointer: '' }));
    throw new ExperimentError(
      linesOf(problems, (problem) => problem, file),
      { cause: error },
    );
  }
}

/** Formats the first problems as lines, in the order of the file. */
function linesOf<P extends Problem>(
  problems: readonly P[],
  positionOf: (problem: P) => Position,
  file: string,
  label = '',
): string[] {
  const lines = problems
    .slice(0, problemsMax)
    .map((problem) => ({ ...positionOf(problem), text: label + described(problem).replaceAll(/\s+/g, ' ') }))
    .toSorted((a, b) => a.line - b.line || a.col - b.col)
    .map(({ line, col, text }) => `${file}:${line}:${col}: ${cut(text, lineLengthMax)}`);
  const more = problems.length - lines.length;
  return more > 0 ? [...lines, `${file}: … and ${plural(more, 'more problem')}`] : lines;
}

/** Formats a problem with its path: `load[0].arrivals: unknown field …`. */
export function described({ pointer, message }: Problem): string {
  // In the form of `--vary`: load[0].arrivals.
  const path = segmentsOf(pointer)
    .map((name) => {
      if (/^\d+$/.test(name)) return `[${name}]`;
      return `.${/^[\w-][\w -]*$/.test(name) ? name : JSON.stringify(name)}`;
    })
    .join('')
    .replace(/^\./, '');
  return path === '' ? message : `${path}: ${message}`;
}

/** Reads several experiments like `readExperiment`. Returns the valid experiments, and the problems of the others. */
export function readEach(
  paths: readonly string[],
  options: ReadOptions = {},
): { files: ExperimentFile[]; problems: string[] } {
  const problems: string[] = [];
  const files = paths.flatMap((path) => {
    try {
      return [readSource(textOf(path), options).file];
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  return { files, problems };
}
