import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Entries of the package: file in `dist` without extension, by the path of the export. */
const entries = { '.': 'spillway', './policies': 'policies', './netproxy': 'netproxy-test' };

/** Returns the package.json of the package. It needs no other packages, since all are bundled. */
export function manifestOf(root: string): object {
  const { name, version, description, license, engines } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const exported = Object.entries(entries).map(([path, file]) => [
    path,
    { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` },
  ]);
  return {
    ...{ name, version, description, license, engines },
    keywords: ['resilience', 'testbed', 'retry', 'circuit-breaker', 'bulkhead', 'simulation', 'toxiproxy'],
    type: 'module',
    bin: { spillway: 'bin/spillway.cjs' },
    exports: {
      ...Object.fromEntries(exported),
      './schema.json': './experiments/schema.json',
      './package.json': './package.json',
    },
  };
}
