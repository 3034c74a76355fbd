import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes } from '#lab/exit-codes.ts';
import { readExperiments } from '#lab/experiment/read-all.ts';
import { InputError } from '#lab/input-error.ts';

/** Lists the experiments in a folder with their titles. Returns the exit code. */
export async function listCommand(folder: string): Promise<number> {
  const entries = await readdir(folder).catch((cause) => {
    throw new InputError(`cannot list ${folder}: ${cause.message}`, { cause });
  });
  const names = entries.filter((name) => /\.ya?ml$/.test(name)).sort();
  const files = readExperiments(names.map((name) => join(folder, name)));
  const width = Math.max(0, ...files.map(({ file }) => file.length));
  for (const { file, experiment } of files) {
    process.stdout.write(`${file.padEnd(width)}  ${experiment.title}\n`);
  }
  if (files.length === 0) process.stdout.write(`No experiments in ${folder}.\n`);
  return exitCodes.held;
}
