import { expect, test } from 'vitest';
import { earlyPhases } from '#lab/experiment/checks/load.ts';
import type { ValidParts } from '#lab/experiment/valid-parts.ts';

const phase = (name: string, arrivals: object = { kind: 'constant', ratePerSecond: 10, forMs: 1000 }) => ({
  name,
  arrivals,
});

test('earlyPhases are those that begin until the deadline', () => {
  const load = ['first', 'second', 'third'].map((name) => phase(name));
  expect(earlyPhases({ load, deadlineMs: 1000 } as ValidParts)).toEqual(['first', 'second']);
});

test.each([
  ['no load', undefined],
  ['a phase that is not known', [phase('first'), undefined]],
  ['a recording that is not there', [phase('first', { kind: 'replay', file: 'nowhere.csv' })]],
])('earlyPhases of %s are none', (_what, load) => {
  expect(earlyPhases({ load, deadlineMs: 1000 } as ValidParts)).toEqual([]);
});
