import { readFileSync, renameSync, writeFileSync } from 'node:fs';

interface Kept {
  /** What the process had been given to start with. */
  readonly initial: string;
  readonly config: unknown;
}

/**
 * The configuration that a process kept before it ended; undefined where there is none, or where `initial` is another one
 * by now. Throws an Error where the file can't be read or is no JSON.
 */
export function readKept(file: string, initial: string): unknown {
  try {
    const kept: Kept = JSON.parse(readFileSync(file, 'utf8'));
    return kept.initial === initial ? kept.config : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`CONFIG_FILE: ${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Keeps a configuration in a file, as a whole or not at all. */
export function keep(file: string, kept: Kept): void {
  writeFileSync(`${file}.part`, JSON.stringify(kept));
  renameSync(`${file}.part`, file);
}
