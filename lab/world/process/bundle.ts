import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { isPackage, root } from '#kit/process/installation.ts';
import type { BundleOptions } from './build-bundle.ts';
import { bundles, type Program, testbedPrograms } from './programs.ts';

const builder = 'lab/world/process/build-bundle.ts';
const maxAgeMs = 24 * 3_600_000;
const buildMsMax = 60_000;
/** npm's list of the installed packages. */
const installed = 'node_modules/.package-lock.json';

/**
 * Node options of the generator and the services. With a small young generation of the heap, a garbage collection takes
 * 1 to 3 ms. By default this generation grows with the rate, until a collection takes 20 ms.
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=8'];

/** Folder of the bundle; undefined if no bundle can be built, null before the first start of a process. */
let built: string | undefined | null = isPackage ? bundles : null;

/**
 * Returns Node's arguments that start a program. Programs run from a bundle, since loading hundreds of modules would
 * take a third of the start. If the bundle can't be written, they run from source.
 */
export function nodeArguments(program: Program): readonly string[] {
  if (built === null) built = bundleIn(join(root, 'node_modules/.cache/spillway-bundles'));
  if (built === undefined) return [...nodeOptions, join(root, testbedPrograms[program])];
  return [...nodeOptions, '--enable-source-maps', join(built, `${program}.js`)];
}

/** Returns the folder of the bundle in `cache`. Builds a missing bundle. Undefined if it can't be built. */
export function bundleIn(cache: string): string | undefined {
  let unfinished: string | undefined;
  try {
    const folder = join(cache, contentHash());
    if (existsSync(folder)) return folder;
    unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true }); // fails at once if the checkout is read-only
    const asked: BundleOptions = { root, out: unfinished, inputs: testbedPrograms };
    const options = { stdio: 'ignore', timeout: buildMsMax } as const;
    execFileSync(process.execPath, [join(root, builder), JSON.stringify(asked)], options);
    // Keeps a bundle that another process has built in the meantime, since that process may already run from it.
    if (!existsSync(folder)) renameSync(unfinished, folder);
    removeOld(cache);
    return folder;
  } catch {
    return undefined;
  } finally {
    if (unfinished !== undefined) rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Returns a hash of all sources of the bundle, and of the versions of its packages. */
function contentHash(): string {
  const sources = ['{services,load}/**/*.ts', 'package.json', installed, builder];
  const hash = createHash('sha256');
  for (const file of globSync(sources, { cwd: root }).sort())
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 16);
}

/** Removes old bundles. Keeps recent bundles, since running processes may still load parts of them. */
function removeOld(cache: string): void {
  for (const folder of readdirSync(cache).map((name) => join(cache, name))) {
    if (wallTime().getTime() - statSync(folder).mtimeMs > maxAgeMs) rmSync(folder, { recursive: true });
  }
}
