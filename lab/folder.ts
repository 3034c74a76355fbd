import { mkdirSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestbedError } from './engine/errors.ts';
import { InputError } from './input-error.ts';
import { renderJunit } from './report/junit.ts';
import { renderReport } from './report/report.ts';
import type { Result } from './result.ts';

/** Not a run's folder, or one that another version wrote. */
class RunFolderError extends InputError {
  override readonly name = 'RunFolderError';
}

/** Creates the folder of a new run: `<out>/<experiment>/<utc>-<seed>`, never one that exists. */
export function createRunFolder(out: string, experiment: string, seed: number, now: Date): string {
  const utc = now.toISOString().replace(/[-:]|\.\d+/g, '');
  makeFolder(join(out, experiment));
  for (let copy = 1; ; copy++) {
    const folder = join(out, experiment, `${utc}-${seed}${copy > 1 ? `-${copy}` : ''}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Writes `result.json`, `report.html` and `junit.xml`; each appears complete or not at all. Throws TestbedError. */
export async function writeResult(folder: string, result: Result): Promise<void> {
  await writeWhole(join(folder, 'result.json'), `${JSON.stringify(result)}\n`);
  await writeWhole(join(folder, 'junit.xml'), renderJunit(result));
  await writeWhole(join(folder, 'report.html'), renderReport(result));
}

/** Reads a run's result. Throws RunFolderError. */
export async function readResult(folder: string): Promise<Result> {
  const file = join(folder, 'result.json');
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new RunFolderError(`${folder} is not the folder of a run: ${cause.message}`, { cause });
  });
  const result = parse(text, file);
  if (result.version !== 1) {
    throw new RunFolderError(`${file}: expected a result of version 1, got ${result.version}`);
  }
  return result;
}

function parse(text: string, file: string): Result {
  try {
    return JSON.parse(text) as Result;
  } catch (cause) {
    throw new RunFolderError(`${file}: ${(cause as Error).message}`, { cause });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new RunFolderError(`cannot create ${folder}: ${(cause as Error).message}`, { cause });
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  try {
    await writeFile(`${file}.part`, text);
    await rename(`${file}.part`, file);
  } catch (cause) {
    throw diskError(file, cause as Error);
  }
}

const diskError = (file: string, cause: Error): TestbedError =>
  new TestbedError('disk', `cannot write ${file}: ${cause.message}`, { cause });
