import { join } from 'node:path';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { readResult, runFolderOf, writeResult } from './run-folder.ts';

/** Writes the report of a run again, from its result. Returns the exit code. */
export async function reportCommand(path: string): Promise<number> {
  const folder = runFolderOf(path);
  await writeResult(folder, await readResult(folder));
  process.stdout.write(`${join(folder, 'report.html')}\n`);
  return exitCodes.held;
}
