import { expect, test } from 'vitest';
import { describeCapacity, digits, doubtOf } from '#lab/report/conditions.ts';
import { plain } from '#lab/text/format.ts';
import { makeResult } from '#test/fixtures/result.ts';

test.each([
  [
    { perSecond: 343.1, low: 339.4, high: 347 },
    'capacity under 250 ms: 343/s (339/s to 347/s), 14 % less than the 400/s assumed in the file',
  ],
  [
    { perSecond: 1404 },
    'capacity under 250 ms: 1,400/s (given), 251 % more than the 400/s assumed in the file',
  ],
])('describeCapacity puts the capacity beside what the file is meant for: %j', (capacity, expected) => {
  expect(plain(describeCapacity({ timeoutMs: 250, nominalPerSecond: 400, ...capacity }))).toBe(expected);
});

test.each([
  [192.6, '193'],
  [1404, '1400'],
  [0.3456, '0.346'],
])('digits writes a capacity so that a flag takes it: %j', (perSecond, expected) => {
  expect(digits(perSecond)).toBe(expected);
});

test.each<[string, readonly [name: string, ok: boolean][], string | undefined]>([
  ['nothing was off', [['send lag p99', true]], undefined],
  ['something was off', [['send lag p99', false]], 'Its measurement was invalid'],
  [
    'the generator had no connections left',
    [
      ['send lag p99', false],
      ['unsent requests', false],
    ],
    "The generator's connections limited the rate, so this is not the capacity of the dependency.",
  ],
])('doubtOf a capacity where %s', (_what, checks, expected) => {
  const [check] = makeResult().validity;
  const doubt = doubtOf(checks.map(([name, ok]) => ({ ...check!, name, ok })));
  expect(doubt?.startsWith(expected ?? '')).toBe(expected === undefined ? undefined : true);
});
