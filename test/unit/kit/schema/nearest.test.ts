import { expect, test } from 'vitest';
import { nearest, nearestOrAll } from '#kit/schema/nearest.ts';

const known = ['title', 'deadlineMs', 'load', 'lost', 'warmup', 'ratePerSecond', 'concurrency', 'redelivery'];

test.each([
  ['titel', 'title', 'two letters swapped'],
  ['Load', 'load', 'another case'],
  ['lod', 'load', 'a letter left out'],
  ['warmups', 'warmup', 'a letter too many'],
  ['deadline', 'deadlineMs', 'a unit forgotten'],
  ['lots', 'lost', 'a swap before a replacement'],
  ['rate', 'ratePerSecond', 'a long end forgotten'],
])('nearest takes %s for %s: %s', (written, name) => {
  expect(nearest(written, known)).toBe(name);
});

test.each([
  ['xyz', 'nothing in common'],
  ['x', 'another letter alone'],
  ['li', 'a beginning too short to tell'],
  ['', 'nothing written'],
  ['l'.repeat(100_000), 'far too long'],
  ['himit', 'the first letter wrong, and one left out'],
  ['attemptTixxxxts', 'four letters wrong, even of many'],
])('nearest has no idea what %s is: %s', (written) => {
  expect(nearest(written, ['a', 'deadlineMs', 'limits', 'warmup', 'attemptTimeouts'])).toBe(undefined);
});

test('nearestOrAll asks for the nearest alone, and lists all when none is near', () => {
  expect(nearestOrAll('titel', known)).toBe('did you mean title?');
  expect(nearestOrAll('xyz', known)).toBe(`expected one of ${known.join(', ')}`);
});
