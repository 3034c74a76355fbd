import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { wallTime } from '#kit/clock.ts';
import type { ServiceName } from '#lab/topology/names.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const builder = fileURLToPath(new URL('./build-bundle.ts', import.meta.url));
const maxAgeMs = 24 * 3_600_000;
const buildMsMax = 60_000;
/** npm's list of the installed packages. */
const installed = 'node_modules/.package-lock.json';

export type Program = ServiceName | 'netproxy' | 'generator';

/**
 * Node options of the generator and the services. With a small young generation of the heap, a garbage collection takes
 * 1 to 3 ms. By default this generation grows with the rate, until a collection takes 20 ms.
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=8'];

const mains: Readonly<Record<Program, string>> = {
  downstream: 'services/downstream/main.ts',
  gateway: 'services/gateway/main.ts',
  publisher: 'services/publisher/main.ts',
  consumer: 'services/consumer/main.ts',
  netproxy: 'services/netproxy/main.ts',
  generator: 'load/main.ts',
};
const mappedStacks = 'services/kit/process/mapped-stacks.ts';

/** Folder of the bundle; undefined if no bundle can be built, null before the first start of a process. */
let built: string | undefined | null = null;

/**
 * Returns Node's arguments that start a program. Programs run from a bundle, since loading hundreds of modules would
 * take a third of the start. If the bundle can't be written, they run from source.
 */
export function nodeArguments(program: Program): readonly string[] {
  // If this lab has been running for days, another lab may have removed the bundle as outdated.
  if (built === null || (built !== undefined && !isWhole(built)))
    built = bundleIn(join(root, 'node_modules/.cache/spillway-bundles'));
  if (built === undefined) return [...nodeOptions, join(root, mains[program])];
  const stacks = pathToFileURL(join(built, 'mapped-stacks.js')).href;
  return [...nodeOptions, '--import', stacks, join(built, `${program}.js`)];
}

/** Returns the folder of the bundle in `cache`. Builds a missing bundle. Undefined if it can't be built. */
export function bundleIn(cache: string): string | undefined {
  let unfinished: string | undefined;
  try {
    const folder = join(cache, contentHash());
    if (isWhole(folder)) return folder;
    unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true }); // fails at once if the checkout is read-only
    const inputs = Object.entries({ ...mains, 'mapped-stacks': mappedStacks });
    const named = inputs.map(([name, main]) => `${name}=${main}`);
    const options = { stdio: 'ignore', timeout: buildMsMax } as const;
    execFileSync(process.execPath, [builder, root, unfinished, ...named], options);
    // Keeps a bundle that another process has built in the meantime, since that process may already run from it.
    if (!isWhole(folder)) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(unfinished, folder);
    }
    removeOld(cache);
    return folder;
  } catch {
    return undefined;
  } finally {
    if (unfinished !== undefined) rmSync(unfinished, { recursive: true, force: true });
  }
}

/** True if the bundle is complete. `removeOld` removes `generator.js` first. */
const isWhole = (folder: string): boolean => existsSync(join(folder, 'generator.js'));

/** Returns a hash of all sources of the bundle, and of the versions of its packages. */
function contentHash(): string {
  const files = globSync(['services/**/*.ts', 'load/**/*.ts', 'package.json', installed], {
    cwd: root,
  }).sort();
  const hash = createHash('sha256');
  for (const file of [...files.map((file) => join(root, file)), builder])
    hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Removes old bundles. Keeps recent bundles, since running processes may still load parts of them. */
function removeOld(cache: string): void {
  for (const folder of globSync('*', { cwd: cache }).map((name) => join(cache, name))) {
    if (wallTime().getTime() - statSync(folder).mtimeMs < maxAgeMs) continue;
    rmSync(join(folder, 'generator.js'), { force: true });
    rmSync(folder, { recursive: true });
  }
}
