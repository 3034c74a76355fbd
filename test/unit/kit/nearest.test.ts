import { expect, test } from 'vitest';
import { didYouMean } from '#lab/experiment/nearest.ts';

const known = ['title', 'deadlineMs', 'load', 'lost', 'warmup'];

test.each([
  ['titel', 'title', 'two letters swapped'],
  ['Load', 'load', 'another case'],
  ['lod', 'load', 'a letter left out'],
  ['warmups', 'warmup', 'a letter too many'],
  ['deadline', 'deadlineMs', 'a unit forgotten'],
  ['lots', 'lost', 'a swap before a replacement'],
])('didYouMean takes %s for %s: %s', (written, name) => {
  expect(didYouMean(written, known)).toBe(`; did you mean ${name}?`);
});

test.each([
  ['xyz', 'nothing in common'],
  ['li', 'a beginning too short to tell'],
  ['', 'nothing written'],
  ['l'.repeat(100_000), 'far too long'],
  ['attemptTixxxxts', 'four letters wrong, even of many'],
])('didYouMean has no idea what %s is: %s', (written) => {
  expect(didYouMean(written, ['deadlineMs', 'limits', 'warmup', 'attemptTimeouts'])).toBe('');
});
