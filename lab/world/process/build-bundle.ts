import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type InputOptions, type OutputOptions, rolldown } from 'rolldown';

export interface BundleOptions {
  /** Folder of the checkout. */
  readonly root: string;
  readonly out: string;
  /** Main files, relative to the root, by their names in `out` without extension. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Lowest version of Node that runs the bundle, as in `node22`. @default the running one */
  readonly target?: string;
  /** True if source maps contain the sources. */
  readonly withSources?: boolean;
}

/**
 * Bundles each main file with its packages as `<out>/<name>.js`. Returns the paths of all bundled files, relative to
 * the root.
 */
export async function buildBundle(options: BundleOptions): Promise<string[]> {
  const { root, out, inputs, withSources = false } = options;
  const from = { platform: 'node', input: { ...inputs } } as const;
  const files = await build(options, from, {
    dir: out,
    sourcemap: true,
    sourcemapExcludeSources: !withSources,
    ...(withSources && { sourcemapPathTransform: fromRoot(root) }),
    codeSplitting: { groups: [{ name: packageChunk, debugName: 'packages' }] },
  });
  // Stack traces need source maps only for the project's own code. Node reads a map when it loads the file.
  for (const map of globSync(join(out, 'packages/*.map'))) {
    rmSync(map);
    const file = map.replace(/\.map$/, '');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, ''));
  }
  return files;
}

/** Returns a function that names a source as if the bundle were in a folder of the root. */
const fromRoot = (root: string) => (source: string, map: string) =>
  join('..', relative(root, resolve(dirname(map), source)));

interface OneOptions extends Pick<BundleOptions, 'root' | 'target' | 'withSources'> {
  /** Main file relative to the root. */
  readonly input: string;
  /** True for a minified script of a web page, which is no module. */
  readonly isScript?: boolean;
  readonly file: string;
}

/** Bundles one main file and its packages into one file. Returns the paths of the bundled files. */
export function buildOne({ input, file, isScript = false, ...options }: OneOptions): Promise<string[]> {
  const { root, withSources = false } = options;
  const form = { format: isScript ? 'iife' : 'esm', minify: isScript } as const;
  const to = { file, ...form, sourcemap: withSources, sourcemapPathTransform: fromRoot(root) };
  return build(options, { platform: 'neutral', input }, to);
}

async function build(
  { root, target }: Pick<BundleOptions, 'root' | 'target'>,
  from: InputOptions,
  to: OutputOptions,
): Promise<string[]> {
  const transform = target !== undefined && { transform: { target } };
  const bundle = await rolldown({ cwd: root, logLevel: 'silent', ...from, ...transform });
  const { output } = await bundle.write({ format: 'esm', ...to });
  await bundle.close();
  return output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
}

/**
 * Returns the name of the chunk for a module of a package. Each package has its own chunk, so that a process loads only
 * the packages that it uses.
 */
function packageChunk(module: string): string | null {
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1];
  return name === undefined ? null : `packages/${name.replace('/', '-')}`;
}

// The module is also a program. Its argument has the options as JSON.
if (import.meta.main) await buildBundle(JSON.parse(process.argv[2]!));
