import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { createRunFolder, tryRunFolder } from '#lab/conduct/run-folder.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import type { Field } from '#lab/experiment/field.ts';
import { Explorer } from '#lab/explore/explorer.ts';
import { Pool } from '#lab/explore/pool.ts';
import { gridOf, type Point } from '#lab/explore/space.ts';
import type { Subject, SubjectOptions } from '#lab/explore/subject.ts';
import { parseFineRange, type Range } from '#lab/explore/values.ts';
import { interruptSignal } from './interrupt.ts';
import { lineTo } from './progress.ts';

interface Exploring {
  readonly kind: 'sweep' | 'tune' | 'search';
  readonly subject: Subject;
  readonly options: SubjectOptions;
  readonly fields: readonly Field[];
  readonly out: string;
}

/** An exploration under way. */
export interface Exploration {
  readonly explorer: Explorer;
  readonly signal: AbortSignal;
  /** Number of simulations at the same time. */
  readonly width: number;
  /** Returns the folder of results, which is created when it is first needed. */
  readonly folder: () => string;
  /** Ends the threads, once nothing more is to be simulated. */
  readonly close: () => Promise<void>;
}

/**
 * Calls `conduct` with threads that simulate. The folder of results is not created before it is asked for.
 */
export async function explore<T>(
  { kind, subject, options, fields, out }: Exploring,
  conduct: (exploration: Exploration) => Promise<T>,
): Promise<T> {
  const { name, experiment } = subject.file;
  const parent = join(out, name);
  tryRunFolder(parent, kind, experiment.seed, wallTime());
  let folder: string | undefined;
  const signal = interruptSignal(lineTo(process.stderr), () => 'Interrupted: stopping.');
  const pool = new Pool(options);
  const onAbort = () => void pool.close();
  signal.addEventListener('abort', onAbort);
  try {
    return await conduct({
      explorer: new Explorer(pool, fields, signal),
      signal,
      width: pool.size,
      close: () => pool.close(),
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

/** Returns the points at the ends of all ranges. */
export const cornersOf = (ranges: readonly Range[]): Point[] =>
  gridOf(ranges.map(({ from, to }) => [from, to]));
