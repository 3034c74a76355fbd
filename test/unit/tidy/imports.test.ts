import { expect, test } from 'vitest';
import { importsOf, misplaced } from '#test/tidy/imports.ts';

const aliases = new Map(
  ['kit', 'policies', 'gateway', 'publisher', 'downstream'].map((name) => [`#${name}/`, `services/${name}/`]),
)
  .set('#load/', 'load/')
  .set('#lab/', 'lab/');

test('importsOf finds every form of import and its line, but none in a comment', () => {
  const text = `import a from 'a';
import {
  type B,
} from './b.ts';
import 'c';
export { d } from '#kit/d.ts';
// import e from 'e';
const f = await import('f');`;
  expect(importsOf(text)).toEqual([
    { specifier: 'a', line: 1 },
    { specifier: './b.ts', line: 4 },
    { specifier: 'c', line: 5 },
    { specifier: '#kit/d.ts', line: 6 },
    { specifier: 'f', line: 8 },
  ]);
});

test.each([
  ['services/kit/log.ts', 'pino', 'a package'],
  ['services/kit/log.ts', './deep/clock.ts', 'a folder below'],
  ['services/policies/breaker/x.ts', '#policies/policy.ts', 'the folder above, of the same area'],
  ['lab/runner/run.ts', '#load/protocol.ts', 'load below lab'],
  ['lab/experiment/schema.ts', '#gateway/config.ts', "a service's config below lab"],
  ['lab/analysis/measure.ts', '#lab/evidence/samples.ts', 'a room below'],
  ['lab/testbed/simulated/x.ts', '#gateway/requests.ts', "a service's logic below the simulated engine"],
  ['test/unit/kit/clock.test.ts', '#lab/runner/run.ts', 'anything from a test'],
])('misplaced lets %s import %s: %s', (file, specifier) => {
  expect(misplaced(file, specifier, aliases)).toBeUndefined();
});

test.each([
  ['services/kit/log.ts', '#policies/retry.ts', 'kit, which may import nothing local'],
  ['services/policies/retry.ts', '#gateway/config.ts', 'policies, which may import kit'],
  ['services/gateway/app.ts', '#publisher/config.ts', 'gateway, which may import kit, policies'],
  ['load/pump.ts', '#policies/retry.ts', 'load, which may import kit'],
  ['lab/runner/run.ts', '#gateway/app.ts', 'lab, which may import load, kit, policies'],
  ['lab/testbed/simulated/x.ts', '#gateway/main.ts', 'lab, which may import load, kit, policies'],
  ['services/policies/breaker/x.ts', '../policy.ts', 'is in another folder'],
  ['services/kit/log.ts', '#kit/clock.ts', 'is in this folder'],
  ['lab/runner/run.ts', './capacity/index.ts', 'is a barrel file'],
  ['lab/analysis/measure.ts', '#lab/runner/observe.ts', 'lies above lab/analysis'],
  ['lab/evidence/reader.ts', '#lab/testbed/control.ts', 'lies above lab/evidence'],
])('misplaced refuses %s to import %s', (file, specifier, problem) => {
  expect(misplaced(file, specifier, aliases)).toContain(problem);
});
