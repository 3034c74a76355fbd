import { expect, test } from 'vitest';
import { tally } from '#test/tally.ts';

const module = (ok: boolean, ...states: string[]) => ({
  ok: () => ok,
  children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
});

test('tally adds up all files', () => {
  const modules = [module(true, 'passed', 'passed'), module(false, 'failed', 'passed')];
  expect(tally(modules, 0)).toBe('3 passed, 1 failed');
});

test('tally counts a file that fails outside its tests', () => {
  expect(tally([module(false), module(false, 'skipped')], 0)).toBe('0 passed, 2 failed, 1 skipped');
});

test('tally counts errors that belong to no test', () => {
  expect(tally([module(true, 'passed')], 2)).toBe('1 passed, 2 failed');
});
