import { chmodSync, cpSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '#kit/process/installation.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { buildScripts } from '#lab/play/build-scripts.ts';
import { type BundleOptions, buildBundle, buildOne } from '#lab/world/process/build-bundle.ts';
import { labPrograms, testbedPrograms } from '#lab/world/process/programs.ts';
import { writeTypes } from './types.ts';

/** Path of the bundle of the policies. It is not in `dist`, whose programs run when they are imported. */
const policiesFile = 'policies/policies.js';

/** Entries of the package by the path of the export. */
const entries = {
  '.': { types: './dist/spillway.d.ts', default: './dist/spillway.js' },
  './policies': { types: './dist/policies.d.ts', default: `./${policiesFile}` },
};

/** Files that the package has at the same place as the checkout. */
const assets = [
  ...['LICENSE', 'Dockerfile', 'docker-compose.yml', '.env'],
  ...[
    'docker/*',
    'experiments/*.*',
    'experiments/findings/*',
    'prometheus/**/*.yml',
    'grafana/{dashboards,provisioning}/**/*.*',
  ],
  ...['lab/cli/template.yaml', 'lab/show/client/*.js', 'lab/show/style/*.css'],
  ...['lab/explore/page/page.css', 'lab/explore/page/client/*.js', 'lab/world/compose/*.yml'],
  'lab/play/page/{page.html,style/*.css}',
];

const programs = {
  ...testbedPrograms,
  ...labPrograms,
  steady: 'load/steady/main.ts',
  secrets: 'services/secrets/main.ts',
  spillway: 'lab/cli/library/spillway.ts',
};

const target = 'node22';
const common = { root, target, withSources: true } satisfies Partial<BundleOptions>;

/** Builds the package in `out`, an empty or new folder, for `npm pack`. Rejects with InputError. */
export async function buildPackage(out: string): Promise<void> {
  mkdirSync(out, { recursive: true });
  if (readdirSync(out).length > 0) throw new InputError(`expected an empty or new folder, got ${out}`);
  const dist = join(out, 'dist');
  const files = [
    ...(await buildBundle({ ...common, out: dist, inputs: programs })),
    ...(await buildOne({ ...common, input: 'services/policies/guard.ts', file: join(out, policiesFile) })),
    ...(await buildScripts(root, join(dist, 'play'))),
  ];
  for (const file of globSync(assets, { cwd: root })) cpSync(join(root, file), join(out, file));
  writeTypes(dist);
  cpSync(join(root, 'lab/build/package/spillway.cjs'), join(out, 'bin/spillway.cjs'));
  chmodSync(join(out, 'bin/spillway.cjs'), 0o755);
  cpSync(join(root, 'lab/build/package/compose.override.yml'), join(out, 'docker-compose.override.yml'));
  writeFileSync(join(out, 'README.md'), withoutLinks('docs/how-to/package.md'));
  writeFileSync(join(out, 'CHANGELOG.md'), withoutLinks('CHANGELOG.md'));
  writeFileSync(join(out, 'LICENSES.txt'), licencesOf(packagesOf(files)));
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifestOf(), undefined, 2)}\n`);
}

/** Returns the text of a page without its links to other pages, which the package doesn't have. */
const withoutLinks = (page: string): string =>
  readFileSync(join(root, page), 'utf8').replaceAll(/\[([^\]]+)\]\((?!https:)[^)]*\)/g, '$1');

/** Returns the package.json of the package. It needs no other packages, since all are bundled. */
function manifestOf(): object {
  const { name, version, description, license } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  return {
    ...{ name, version, description, license },
    engines: { node: '>=22.19' },
    keywords: ['resilience', 'testbed', 'retry', 'circuit-breaker', 'bulkhead', 'simulation'],
    type: 'module',
    sideEffects: ['./dist/**'],
    bin: { spillway: 'bin/spillway.cjs' },
    exports: {
      ...entries,
      './schema.json': './experiments/schema.json',
      './package.json': './package.json',
    },
  };
}

/** Returns the folders of the packages that these files belong to, sorted. */
function packagesOf(files: readonly string[]): string[] {
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
  return [...new Set(folders)].filter((folder) => folder !== undefined).sort();
}

const licencesOf = (folders: readonly string[]): string =>
  ['Spillway contains the code of these packages.\n', ...folders.map(licenceOf)].join(
    `\n${'-'.repeat(78)}\n`,
  );

function licenceOf(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  // The package.json of a package without a licence text names only the licence, so this adds the author.
  if (texts.length === 0 && author) texts.push(`By ${author.name ?? author}`);
  return `${[`${name} ${version} (${license})`, ...texts].join('\n\n')}\n`;
}

/** Builds the package in the folder that is the only argument. Returns the exit code. */
async function main([out, ...more]: readonly string[]): Promise<number> {
  try {
    if (!out || more.length > 0)
      throw new InputError('usage: npm run package -- FOLDER\nFOLDER is empty or new.');
    await buildPackage(resolve(out));
    return exitCodes.held;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return exitCodes.badInput;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
