import { expect, test } from 'vitest';
import { version } from '#kit/process/installation.ts';
import { versionProblem } from '#lab/evidence/format-version.ts';

test('versionProblem takes the current version', () => {
  expect(versionProblem('evidence', 2, 2)).toBeUndefined();
});

test('versionProblem says that a newer version needs a newer Spillway', () => {
  const problem = versionProblem('evidence', 3, 2);
  expect(problem).toContain('expected evidence of version 2, got 3');
  expect(problem).toContain(`newer Spillway than this one (${version})`);
});

test.each([
  [1, '1'],
  [undefined, 'none'],
  ['2', '"2"'],
  [null, 'null'],
])('versionProblem refuses %j', (got, shown) => {
  expect(versionProblem('evidence', got, 2)).toBe(`expected evidence of version 2, got ${shown}`);
});
