import { join } from 'node:path';
import { exitCodes } from '#lab/exit-codes.ts';
import { readResult, writeResult } from '#lab/folder.ts';

/** Writes a run's report anew from its result, e.g. after an upgrade. Returns the exit code. */
export async function reportCommand(folder: string): Promise<number> {
  await writeResult(folder, await readResult(folder));
  process.stdout.write(`${join(folder, 'report.html')}\n`);
  return exitCodes.held;
}
