import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandLine } from '#lab/world/process/command-line.ts';

const root = fileURLToPath(new URL('../../../../..', import.meta.url)).replace(/\/$/, '');

test.each([
  ['the checkout', root, 'bin/spillway down'],
  ['a folder below it', join(root, 'experiments'), '../bin/spillway down'],
  ['the launcher’s own folder', join(root, 'bin'), './spillway down'],
  ['far away', '/', `${root.slice(1)}/bin/spillway down`],
  ['far away and deep', '/a/b/c/d', `${root}/bin/spillway down`],
])('commandLine finds the launcher from %s', (_sentence, folder, expected) => {
  expect(commandLine(['down'], folder)).toBe(expected);
});

test.each([
  ['experiments/01-burst.yaml', 'experiments/01-burst.yaml'],
  ['gateway=http://127.0.0.1:8080', 'gateway=http://127.0.0.1:8080'],
  ['my file.yaml', "'my file.yaml'"],
  ["it's $HOME; `x`", String.raw`'it'\''s $HOME; ${'`x`'}'`],
  ['', "''"],
])('commandLine quotes where a shell would read %j otherwise', (word, expected) => {
  expect(commandLine(['run', word], root)).toBe(`bin/spillway run ${expected}`);
});
