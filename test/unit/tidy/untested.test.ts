import { expect, test } from 'vitest';
import { untested } from '#test/tidy/untested.ts';

const aliases = new Map([
  ['#kit/', 'services/kit/'],
  ['#lab/', 'lab/'],
]);

const sources = new Map([
  [
    'lab/run.ts',
    "import { part } from './part.ts';\nimport { draw } from '#kit/draw.ts';\nexport const run = 1;",
  ],
  ['lab/part.ts', 'export function part() {}'],
  ['lab/types.ts', 'export interface T {}'],
  ['services/kit/draw.ts', 'export const draw = 1;'],
]);

test('untested follows files of one folder, but not across folders, and leaves types alone', () => {
  const tests = new Map([['test/unit/lab/run.test.ts', "import { run } from '#lab/run.ts';"]]);
  expect(untested(sources, tests, aliases)).toEqual(['services/kit/draw.ts']);
});

test('untested names everything when there is no test', () => {
  expect(untested(sources, new Map(), aliases)).toEqual([
    'lab/run.ts',
    'lab/part.ts',
    'services/kit/draw.ts',
  ]);
});
