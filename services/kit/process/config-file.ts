import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { refusalOf } from '#kit/system-errors.ts';
import { StorageError } from './storage.ts';

interface ConfigFile {
  /** Value of the variable `CONFIG` when the process that stored this file started. */
  readonly initial: string;
  readonly config: unknown;
}

/**
 * Returns the stored configuration. Undefined if there is no file, or if it was stored with another `initial`. Throws
 * an Error if the file can't be read or is not JSON.
 */
export function readConfigFile(file: string, initial: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`CONFIG_FILE: ${file} can't be read: ${refusalOf(cause)}`, { cause });
  }
  const stored = parseConfig(`CONFIG_FILE: ${file}`, text) as ConfigFile | null;
  return stored?.initial === initial ? stored.config : undefined;
}

/** Parses JSON. Throws an Error that names its `source`. */
export function parseConfig(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${source} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Applies a configuration and stores it in a file. If it can't be stored, rejects with StorageError and doesn't apply
 * it. If `apply` rejects, keeps the old file. Replicas may share the file.
 */
export async function storeConfig(
  file: string,
  content: ConfigFile,
  apply: () => Promise<void>,
): Promise<void> {
  const part = `${file}.${hostname()}.part`;
  try {
    // Written first, since the disk may be full or read-only.
    store(file, () => writeFileSync(part, JSON.stringify(content)));
    await apply();
    store(file, () => renameSync(part, file));
  } finally {
    rmSync(part, { force: true });
  }
}

function store(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw StorageError.ofFile(`CONFIG_FILE: ${file}`, cause);
  }
}
