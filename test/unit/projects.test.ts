import { matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import { files, read } from '#test/tidy/tree.ts';
import config from '../../vitest.config.ts';

const projects = config.test!.projects!.map((project) => (project as typeof config).test!);

test('every test file belongs to exactly one project', () => {
  const projectsOf = (file: string) =>
    projects.filter(({ include }) => include!.some((pattern) => matchesGlob(file, pattern)));
  const tests = [...files('test/**/*.test.ts').keys()];
  expect(tests.length).toBeGreaterThan(100);
  expect(tests.filter((file) => projectsOf(file).length !== 1)).toEqual([]);
});

test('npm test selects the projects of a few minutes, test:all and the gate select all', () => {
  const { scripts } = JSON.parse(read('package.json')!);
  const selected = (command: string) => [...command.matchAll(/--project (\w+)/g)].map(([, name]) => name);
  const long: unknown[] = ['layout', 'package', 'compose'];
  const names = projects.map(({ name }) => name);
  expect(selected(scripts.test)).toEqual(names.filter((name) => !long.includes(name)));
  expect(scripts['test:all']).toMatch(/ vitest run$/);
  expect(read('bin/ok')).toMatch(/\nexec vitest run\n$/);
});
