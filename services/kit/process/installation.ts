import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the checkout or of the installed package: the nearest one above this file with a package.json. */
export const root: string = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (folder === dirname(folder)) throw new Error('expected a package.json above the files of Spillway');
  return rootAbove(dirname(folder));
}

const manifest: { readonly version: string; readonly private?: boolean } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

export const { version } = manifest;

/** True if this is the package from npm, which has bundles instead of sources. Only a checkout is private. */
export const isPackage: boolean = manifest.private !== true;

/** Returns the path of a file that a checkout and the package have at the same place. */
export const assetFile = (path: string): string => join(root, path);
