import type { Field } from '#lab/experiment/field.ts';
import { textOf } from '#lab/experiment/read.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import type { Flags } from '#lab/world/process/command-line.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import { type Explorer, explorerOn, type Request, type Timed } from './explorer.ts';
import { fieldsAt, openSubject, type Subject } from './subject.ts';
import { Threads } from './threads.ts';
import { parseFineRange, type Range } from './values.ts';

/** A path and the text of its values or range. */
export interface Vary {
  readonly path: string;
  readonly text: string;
}

export interface ExploreOptions {
  /** Number of seeds for each point. */
  readonly seeds: number;
  /** First seed. @default the file's */
  readonly seed?: number | undefined;
  /** Variants to simulate. @default all */
  readonly only?: readonly string[] | undefined;
}

export type LineOf = (file: string, changes: Flags) => string;

interface Asked {
  /** File of the experiment, or its name in the course. */
  readonly file: string;
  /** Option that gives the paths, for messages. */
  readonly option: '--vary' | '--within';
  readonly vary: readonly Vary[];
  /** Hypotheses to judge besides those of the file, and where one comes from. */
  readonly hypotheses?: readonly string[];
  readonly nameOf?: (hypothesis: string) => string;
  readonly lineOf: LineOf;
}

type Plan = ReturnType<typeof planExploration>;

/** Reads what is to be explored. Throws InputError. */
export function planExploration(asked: Asked, { seed, only }: ExploreOptions) {
  const { file, option, vary, hypotheses = [], nameOf, lineOf } = asked;
  const options = { text: textOf(file), only, seed, hypotheses };
  const subject = openSubject(options, nameOf);
  const paths = vary.map(({ path }) => path);
  return {
    ...{ options, subject, only },
    fields: fieldsAt(subject, option, paths),
    command: lineOf(subject.file.file, { seed: subject.file.experiment.seed }),
  };
}

export interface Steps {
  readonly done: number;
  readonly of: number;
  readonly leftMs: number | undefined;
}

/** Calls `act` with threads that simulate. Once the signal aborts, each further simulation rejects with its reason. */
export function explore<T>(
  { options, fields }: Pick<Plan, 'options' | 'fields'>,
  signal: AbortSignal,
  act: (explorer: Explorer) => Promise<T>,
): Promise<T> {
  const threads = new Threads<Request, Timed>(labProgram('explorer-thread'), { data: options });
  return threads.during(signal, () => act(explorerOn(threads, fields)));
}

/** Reads the range of a field. Throws InputError. */
export function rangeOf(option: string, text: string, field: Field, subject: Subject): Range {
  const isAccepted = (value: number) => subject.problemWith(field.changes(value)) === undefined;
  const range = parseFineRange(text, isAccepted);
  if (typeof range === 'string') throw new InputError(`${option} ${field.path}=${text}: ${range}`);
  return range;
}
