import { expect, test } from 'vitest';
import { cyclesIn } from '#test/tidy/cycles.ts';

const aliases = new Map([['#lab/', 'lab/']]);
const cycles = (files: Readonly<Record<string, readonly string[]>>) =>
  cyclesIn(
    new Map(
      Object.entries(files).map(([file, imports]) => [
        file,
        imports.map((specifier) => `import type { X } from '${specifier}';`).join('\n'),
      ]),
    ),
    aliases,
  );

test('cyclesIn finds none if all imports point one way', () => {
  expect(
    cycles({
      'lab/a/x.ts': ['#lab/b/y.ts', './z.ts'],
      'lab/a/z.ts': ['#lab/b/y.ts'],
      'lab/b/y.ts': ['node:fs'],
      'lab/main.ts': ['./a/x.ts'],
    }),
  ).toEqual([]);
});

test.each<[string, Record<string, string[]>]>([
  ['two files', { 'lab/x.ts': ['./y.ts'], 'lab/y.ts': ['./x.ts'] }],
  ['three files', { 'lab/x.ts': ['./y.ts'], 'lab/y.ts': ['./z.ts'], 'lab/z.ts': ['./x.ts'] }],
  ['two folders by different files', { 'lab/a/x.ts': ['#lab/b/y.ts'], 'lab/b/z.ts': ['#lab/a/w.ts'] }],
  ['a folder and a file beside it', { 'lab/a/x.ts': ['#lab/y.ts'], 'lab/y.ts': ['./a/z.ts'] }],
  ['folders within a folder', { 'lab/a/b/x.ts': ['#lab/a/c/y.ts'], 'lab/a/c/y.ts': ['#lab/a/b/x.ts'] }],
])('cyclesIn finds a cycle of %s', (_sentence, files) => {
  expect(cycles(files)).toHaveLength(1);
});

test('cyclesIn names an import for each step', () => {
  expect(cycles({ 'lab/a/x.ts': ['#lab/b/y.ts'], 'lab/b/z.ts': ['#lab/a/w.ts'] })).toEqual([
    'lab/a/x.ts imports lab/b/y.ts, lab/b/z.ts imports lab/a/w.ts',
  ]);
});
