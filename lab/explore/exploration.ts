import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { createRunFolder, tryRunFolder } from '#lab/conduct/run-folder.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import type { Field } from '#lab/experiment/field.ts';
import { textOf } from '#lab/experiment/read.ts';
import type { Flags } from '#lab/world/process/command-line.ts';
import { Explorer } from './explorer.ts';
import { startPool } from './pool.ts';
import { fieldsAt, openSubject, type Subject } from './subject.ts';
import { parseFineRange, type Range } from './values.ts';

/** A path and the text of its values or range. */
export interface Vary {
  readonly path: string;
  readonly text: string;
}

/** Options of all explorations. */
export interface ExploreOptions {
  /** Number of seeds for each point. */
  readonly seeds: number;
  /** First seed. @default the file's */
  readonly seed?: number | undefined;
  /** Variants to simulate. @default all */
  readonly only?: readonly string[] | undefined;
  /** Folder for the results of runs. */
  readonly out: string;
}

/** Returns the line that repeats an exploration of a file. */
export type LineOf = (file: string, changes: Flags) => string;

interface Asked {
  readonly kind: 'sweep' | 'tune' | 'search';
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
export function planExploration(asked: Asked, { seed, only, out }: ExploreOptions) {
  const { kind, file, option, vary, hypotheses = [], nameOf, lineOf } = asked;
  const options = { text: textOf(file), only, seed, hypotheses };
  const subject = openSubject(options, nameOf);
  const paths = vary.map(({ path }) => path);
  return {
    ...{ kind, options, subject, only, out, paths },
    fields: fieldsAt(subject, option, paths),
    command: lineOf(subject.file.file, { seed: subject.file.experiment.seed }),
    startedAt: wallTime().toISOString(),
  };
}

/** An exploration under way. */
export interface Exploration {
  readonly explorer: Explorer;
  readonly signal: AbortSignal;
  /** Number of simulations at the same time. */
  readonly width: number;
  /** Returns the folder of results, which is created when it is first needed. */
  readonly folder: () => string;
}

/**
 * Calls `act` with threads that simulate. The folder of results is not created before it is asked for.
 */
export async function explore<T>(
  { kind, subject, options, fields, out }: Pick<Plan, 'kind' | 'subject' | 'options' | 'fields' | 'out'>,
  signal: AbortSignal,
  act: (exploration: Exploration) => Promise<T>,
): Promise<T> {
  const { name, experiment } = subject.file;
  const parent = join(out, name);
  tryRunFolder(parent, kind, experiment.seed, wallTime());
  let folder: string | undefined;
  const pool = startPool(options);
  const onAbort = () => void pool.close();
  signal.addEventListener('abort', onAbort);
  try {
    return await act({
      explorer: new Explorer(pool, fields, signal),
      signal,
      width: pool.size,
      folder() {
        folder ??= createRunFolder(parent, kind, experiment.seed, wallTime());
        return folder;
      },
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await pool.close();
  }
}

/** Reads the range of a field. Throws InputError. */
export function rangeOf(option: string, text: string, field: Field, subject: Subject): Range {
  const isAccepted = (value: number) => {
    try {
      subject.with(field.changes(value));
      return true;
    } catch {
      return false;
    }
  };
  const range = parseFineRange(text, isAccepted);
  if (typeof range === 'string') throw new InputError(`${option} ${field.path}=${text}: ${range}`);
  return range;
}
