import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** True for a pipe, socket or device, whose reading may never end. Throws the error of the file system. */
export function isSpecial(path: string): boolean {
  const stats = statSync(path);
  return !stats.isFile() && !stats.isDirectory();
}

/**
 * Creates a folder and its parents. Throws the error of the first folder that can't be created. The recursive
 * `mkdirSync` says ENOENT on a read-only disk, and never returns on a file system that refuses with ENOENT, like /proc.
 */
export function createFolders(folder: string): void {
  if (existsSync(folder)) return;
  createFolders(dirname(folder));
  createFolder(folder);
}

/** Creates a folder. Returns false if there is something of that name. Throws the error of the file system. */
export function createFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
