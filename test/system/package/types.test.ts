import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '#kit/process/installation.ts';
import { writeTypes } from '#lab/build/package/types.ts';
import { testFolder } from '#test/support/folder.ts';

/** Compiles within a folder that has the types. */
function compiled(files: Readonly<Record<string, string>>, ...args: string[]): object {
  const folder = testFolder();
  writeTypes(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, ...args], { cwd: folder, encoding: 'utf8' });
  return { stdout, status };
}

test('the types of the package need the types of Node or of a browser, not both', () => {
  const files = ['spillway', 'policies'].map((name) => `${name}.d.ts`);
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--types', '', '--lib', 'es2022,dom'];
  expect(compiled({}, ...options, ...files)).toEqual({ stdout: '', status: 0 });
});

/** Values and types of the sources, where those that the package declares are expected. */
const fitting = `import type * as declaredPolicies from './policies.d.ts';
import type * as declaredLibrary from './spillway.d.ts';
import type { Result } from '${root}/lab/judge/result/result.ts';
import * as library from '${root}/lab/cli/library/spillway.ts';
import * as policies from '${root}/services/policies/guard.ts';
import type { BreakerOptions } from '${root}/services/policies/breaker/options.ts';

export const some: Pick<typeof declaredPolicies, 'retry' | 'breaker' | 'fromExperiment'> = policies;
export const { simulate, analyse }: typeof declaredLibrary = library;
export const result = (one: Result): declaredLibrary.Result => one;
export const options = (one: BreakerOptions): declaredPolicies.BreakerOptions => one;
export const open = (one: policies.BreakerOpen): declaredPolicies.BreakerOpen => one;
export const guard = (one: ReturnType<typeof policies.guard>): ReturnType<typeof declaredPolicies.guard> => one;
// @ts-expect-error: a type that was lost would fit everything
export const lost: declaredLibrary.Result = 5;
`;

test('the types of the package fit what it exports', { timeout: 300_000 }, () => {
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] },
    include: ['fitting.ts'],
    exclude: [],
  };
  const files = {
    'fitting.ts': fitting,
    'tsconfig.json': JSON.stringify(config),
    'package.json': '{ "type": "module" }',
  };
  expect(compiled(files, '-p', '.')).toEqual({ stdout: '', status: 0 });
});
