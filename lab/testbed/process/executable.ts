import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Where an executable is: the path that was named for it and nothing else, or the first one on the PATH, or where
 * Debian puts servers.
 */
export function findExecutable(name: string, named: string | undefined, path = ''): string | undefined {
  if (named) return isExecutable(named) ? named : undefined;
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
