import { existsSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createFolder, createFolders as makeFolders } from '#kit/process/fs-errors.ts';
import { parser } from '#kit/schema/parser.ts';
import { InvalidError, type Problem, refuse } from '#kit/schema/problems.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { evidenceFile } from '#lab/evidence/format.ts';
import { readVersion } from '#lab/evidence/format-version.ts';
import { hypothesisProblems } from '#lab/experiment/hypothesis/grammar.ts';
import { judgedBy } from '#lab/judge/hypotheses/verdict.ts';
import { Result, resultVersion } from '#lab/judge/result/result.ts';
import { RunFolderError } from '#lab/kit/errors/input-error.ts';
import { printable } from '#lab/kit/text/printable.ts';
import { resultFile } from '#lab/show/files.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { runsIn } from './runs.ts';

/** Creates a new folder for a run: `<out>/<experiment>/<utc>-<seed>`. Throws RunFolderError. */
export function createRunFolder(out: string, experiment: string, seed: number, now: Date): string {
  const utc = now.toISOString().replace(/[-:]|\.\d+/g, '');
  createFolders(resolve(out, experiment));
  for (let copy = 1; ; copy++) {
    const folder = join(out, experiment, `${utc}-${seed}${copy > 1 ? `-${copy}` : ''}`);
    if (orRefuse(() => createFolder(folder))) return folder;
  }
}

/** Checks that a run folder can be created. Removes it again, but leaves its parent folders. Throws RunFolderError. */
export const tryRunFolder = (...args: Parameters<typeof createRunFolder>): void =>
  rmdirSync(createRunFolder(...args));

export const hasResult = (folder: string): boolean => existsSync(join(folder, resultFile));

/** Returns the folder of a run at a path, or that of the file at the path. Throws RunFolderError. */
export function folderOf(path: string): string {
  const folder = existingFolder(path);
  const isRun = hasResult(folder) || existsSync(join(folder, evidenceFile));
  if (isRun || runsIn(folder).length === 0) return folder;
  const list = commandLine(['list', folder]);
  throw new RunFolderError(`${folder} is not the folder of a run; \`${list}\` shows those in it`);
}

function existingFolder(path: string): string {
  try {
    return statSync(path).isFile() ? dirname(path) : path;
  } catch (cause) {
    const message = `${path} is not the folder of a run: ${refusalOf(cause)}; expected one such as ${example}`;
    throw new RunFolderError(message, { cause });
  }
}

/** Reads the result in a run's folder. Rejects with EvidenceError or RunFolderError. */
export async function readResult(folder: string): Promise<Result> {
  const file = join(folder, resultFile);
  const value = readVersion(file, 'a result', resultVersion);
  try {
    const result = parser(Result)(printable(value));
    refuse(unreadable(result));
    // Earlier versions kept the verdicts beside an invalid measurement.
    return { ...result, hypotheses: judgedBy(result.validity, result.hypotheses) };
  } catch (cause) {
    if (!(cause instanceof InvalidError)) throw cause;
    const [first, ...more] = cause.problems.map(
      ({ pointer, message }) => `${pointer === '' ? '' : `${pointer}: `}${message}`,
    );
    const others = more.length > 0 ? `; and ${more.length} more like it` : '';
    throw new RunFolderError(`${file}: ${first}${others}`, { cause });
  }
}

const unreadable = ({ hypotheses }: Result): Problem[] =>
  hypotheses.flatMap(({ text }, index) =>
    hypothesisProblems(text).map(({ column, message }) => ({
      pointer: `/hypotheses/${index}/text`,
      message: `column ${column}: ${message}`,
    })),
  );

const example = 'runs/01-burst/20261125T010203Z-7';

/** Creates a folder and its parents. Throws RunFolderError. */
export const createFolders = (folder: string): void => orRefuse(() => makeFolders(folder));

/** Calls a function that creates folders. Throws RunFolderError instead of an error of the file system. */
function orRefuse<T>(create: () => T): T {
  try {
    return create();
  } catch (cause) {
    const { path } = cause as NodeJS.ErrnoException;
    const why = `${refusalOf(cause)}; name a folder that can be written with --out`;
    throw new RunFolderError(`cannot create ${path}: ${why}`, { cause });
  }
}
