import { matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import { files } from '#test/tidy/tree.ts';
import config from '../../vitest.config.ts';

const projects = config.test.projects.map(({ test }) => test);

test('every test file belongs to exactly one project', () => {
  const projectsOf = (file: string) =>
    projects.filter(({ include }) => include.some((pattern) => matchesGlob(file, pattern)));
  const tests = [...files('test/**/*.test.ts').keys()];
  expect(tests.length).toBeGreaterThan(100);
  expect(tests.filter((file) => projectsOf(file).length !== 1)).toEqual([]);
});
