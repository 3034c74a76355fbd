import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What was kept in a file; undefined where there is none yet. Throws an Error where it can't be read or is no JSON. */
export function readKept(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`CONFIG_FILE: ${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Keeps a value in a file, as a whole or not at all. */
export function keep(file: string, value: unknown): void {
  writeFileSync(`${file}.part`, JSON.stringify(value));
  renameSync(`${file}.part`, file);
}
