import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

// A program: `node build-bundle.ts ROOT OUT NAME=MAIN…`. It bundles each main file with its packages as OUT/NAME.js.

const [root, out, ...mains] = process.argv.slice(2) as [string, string, ...string[]];

/**
 * Returns the name of the chunk for a module of a package. Each package has its own chunk, so that a process loads only
 * the packages that it uses.
 */
function packageChunk(module: string): string | null {
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1];
  return name === undefined ? null : `packages/${name.replace('/', '-')}`;
}

const input = Object.fromEntries(mains.map((main) => main.split('=')));
const bundle = await rolldown({ cwd: root, platform: 'node', input, logLevel: 'silent' });
await bundle.write({
  dir: out,
  format: 'esm',
  sourcemap: 'hidden',
  sourcemapExcludeSources: true,
  codeSplitting: { groups: [{ name: packageChunk, debugName: 'packages' }] },
});
await bundle.close();
// Stack traces need source maps only for the project's own code.
const packages = join(out, 'packages');
for (const file of readdirSync(packages)) if (file.endsWith('.map')) rmSync(join(packages, file));
