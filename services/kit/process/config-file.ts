import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { refusalOf } from './fs-errors.ts';
import { StorageError } from './storage.ts';

interface ConfigFile {
  /** What the process had been given to start with. */
  readonly initial: string;
  readonly config: unknown;
}

/**
 * The configuration that a process kept before it ended; undefined where there is none, or where `initial` is another one
 * by now. Throws an Error where the file can't be read or is no JSON.
 */
export function readConfigFile(file: string, initial: string): unknown {
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

function parse(text: string, file: string): ConfigFile | null {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`CONFIG_FILE: ${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Stores a configuration in a file, which replicas may share, then applies it. Rejects with StorageError before applying
 * what can't be stored; restores the old file if `apply` rejects.
 */
export async function keep(file: string, kept: ConfigFile, apply: () => Promise<void>): Promise<void> {
  const part = `${file}.${hostname()}.part`;
  const old = `${file}.${hostname()}.old`;
  const hasOld = existsSync(file);
  try {
    store(file, () => {
      writeFileSync(part, JSON.stringify(kept));
      // Now, because a full disk would refuse it later.
      if (hasOld) copyFileSync(file, old);
      renameSync(part, file);
    });
    await apply().catch((error) => {
      store(file, () => (hasOld ? renameSync(old, file) : rmSync(file)));
      throw error;
    });
  } finally {
    for (const left of [part, old]) rmSync(left, { force: true });
  }
}

function store(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw StorageError.ofFile(`CONFIG_FILE: ${file}`, cause);
  }
}
