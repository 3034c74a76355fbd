import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explain } from '#lab/experiment/limits/explain.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { experimentText, problemsOf } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';

/** Reads an experiment whose variant has these fields, from a folder with a file, a link out of it and a folder. */
function problemsWith(fields: string, ...more: string[]) {
  const all = testFolder();
  const folder = join(all, 'inside');
  mkdirSync(join(folder, 'clients'), { recursive: true });
  writeFileSync(join(folder, 'clients', 'mine.ts'), `throw new Error('it must not be loaded');`);
  writeFileSync(join(all, 'other.ts'), '');
  symlinkSync(join(all, 'other.ts'), join(folder, 'link.ts'));
  writeFileSync(join(folder, 'server.conf'), 'listen {{listen}};\nserver {{dependancy}};');
  const file = join(folder, 'x.yaml');
  writeFileSync(file, experimentText({ 6: `  direct: { path: rpc, ${fields} }` }, ...more));
  return problemsOf(() => readExperiment(file)).map((problem) => problem.replaceAll(all, ''));
}

const outside = 'expected a file inside the folder of the experiment, got';

test.each([
  ['a client', 'client: ./clients/mine.ts', []],
  ['a missing file', 'client: ./missing.ts', ['./missing.ts in /inside: no such file or folder']],
  ['a link', 'client: ./link.ts', [`${outside} /other.ts`]],
  ['a way out', 'client: ../other.ts', [`${outside} /other.ts`]],
  ['a way out and back', 'client: ./a/../../other.ts', [`${outside} /other.ts`]],
  ['an absolute path', 'client: /etc/passwd', [`${outside} /etc/passwd`]],
  [
    'a URL',
    `client: 'data:text/javascript,1'`,
    ['data:text/javascript,1 in /inside: no such file or folder'],
  ],
])('readExperiment checks %s of a variant, and loads nothing', (_what, fields, problems) => {
  expect(problemsWith(fields)).toEqual(
    problems.map((problem) => `/inside/x.yaml:6:32: variants.direct.client: ${problem}`),
  );
});

test.each([
  ['policies', 'policies: [{ retry: {} }]'],
  ['changes', 'changes: [{ atMs: 1, policies: [] }]'],
  ['clients', 'clients: 2'],
])('readExperiment refuses %s beside a client', (field, fields) => {
  expect(problemsWith(`client: ./clients/mine.ts, ${fields}`)).toEqual([
    expect.stringContaining(`variants.direct.${field}: expected none beside client, which replaces it`),
  ]);
});

test.each([
  ["'{{./server.conf}}'", './server.conf:2: unknown {{dependancy}}, did you mean dependency?'],
  ["'{{prot}}'", 'unknown {{prot}}, did you mean port?'],
  ["'{{./none.conf}}'", './none.conf in /inside: no such file or folder'],
])('readExperiment checks the placeholders of a command: %s', (argument, problem) => {
  expect(problemsWith(`command: [nginx, -c, ${argument}]`)).toEqual([
    expect.stringContaining(`variants.direct.command: ${problem}`),
  ]);
});

test('readExperiment refuses a command beside a client or policies', () => {
  const fields = 'command: [nginx], client: ./clients/mine.ts';
  expect(problemsWith(fields)).toEqual([
    expect.stringContaining('direct.command: expected none beside client'),
  ]);
  expect(problemsWith('command: [nginx], policies: [{ retry: {} }]')).toEqual([
    expect.stringContaining('direct.policies: expected none beside command, which replaces it'),
  ]);
});

test('explain knows of a command only that it decides', () => {
  const { experiment } = readExperiment('experiments/findings/nginx-one-slow-request.yaml');
  const code = { about: 'code', value: Infinity, text: 'nginx decides on attempts and waits.' };
  expect(explain(experiment).map(({ facts }) => facts)).toEqual([[code], [code]]);
});

test('readExperiment refuses slow motion of a client', () => {
  expect(problemsWith('client: ./clients/mine.ts', 'slowMotion: auto')).toEqual([
    expect.stringContaining(`variants.direct.client: expected none with slowMotion auto`),
  ]);
});
