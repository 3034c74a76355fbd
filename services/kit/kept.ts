import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { refusalOf } from './refusal.ts';
import { StorageError } from './storage.ts';

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
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`CONFIG_FILE: ${file} can't be read: ${refusalOf(cause)}`, { cause });
  }
  const kept = parse(text, file);
  return kept?.initial === initial ? kept.config : undefined;
}

function parse(text: string, file: string): Kept | null {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`CONFIG_FILE: ${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Keeps a configuration in a file, as a whole or not at all. Throws StorageError. */
export function keep(file: string, kept: Kept): void {
  try {
    writeFileSync(`${file}.part`, JSON.stringify(kept));
    renameSync(`${file}.part`, file);
  } catch (cause) {
    throw StorageError.ofFile(`CONFIG_FILE: ${file}`, cause);
  }
}
