import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';

/** Refuses a file that exists, before anything is simulated. Throws InputError. */
export function refuseExisting(file: string): void {
  if (existsSync(file))
    throw new InputError(`${file} exists already, and no file is replaced: pass --write with another name`);
  if (!existsSync(dirname(file)))
    throw new InputError(`cannot write ${file}: there is no folder ${dirname(file)}`);
}

/** Writes a new file, complete or not at all. Throws InputError if it exists by now. */
export async function writeNew(file: string, text: string): Promise<void> {
  refuseExisting(file);
  await writeWhole(file, text);
}
