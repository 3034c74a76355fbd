import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Path of the bundle of the policies. It is not in `dist`, whose programs run when they are imported. */
export const policiesFile = 'policies/policies.js';

/** Entries of the package by the path of the export. */
const entries = {
  '.': { types: './dist/spillway.d.ts', default: './dist/spillway.js' },
  './policies': { types: './dist/policies.d.ts', default: `./${policiesFile}` },
};

/** Returns the package.json of the package. It needs no other packages, since all are bundled. */
export function manifestOf(root: string): object {
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
