import { expect, test } from 'vitest';
import { findingOf, shortNames } from '#lab/explore/finding.ts';
import { plain } from '#lab/kit/text/format.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';

const retries = 'variants.calls.policies.retry.maxRetries';
const found = (sweep: ReturnType<typeof sweepOf>) => plain(findingOf(sweep).join(' '));

test.each([
  [
    ['load*', retries],
    ['load*', 'maxRetries'],
  ],
  [
    [retries, 'variants.others.policies.retry.maxRetries'],
    ['maxRetries of calls', 'maxRetries of others'],
  ],
  [
    ['load[0].arrivals.forMs', 'load[1].arrivals.forMs'],
    ['forMs of load[0]', 'forMs of load[1]'],
  ],
  [
    ['variants.a.x.ms', 'variants.a.y.ms'],
    ['variants.a.x.ms', 'variants.a.y.ms'],
  ],
  [['deadlineMs'], ['deadlineMs']],
])('shortNames of %j', (paths, expected) => {
  expect(shortNames(paths.map((path) => ({ path })))).toEqual(expected);
});

test.each([
  [
    'from a value on',
    (x: number) => x > 2,
    'calls never recovers (is metastable) from 300 % of the load on, not up to 200 %.',
  ],
  [
    'up to a value',
    (x: number) => x < 2,
    'calls never recovers (is metastable) up to 100 % of the load, not from 200 % on.',
  ],
  ['in between', (x: number) => x === 2, 'calls never recovers (is metastable) at 1 of 3 points.'],
  ['everywhere', () => true, 'Metastable at every point: calls.'],
  ['nowhere', () => false, 'Metastable at no point: calls.'],
])('findingOf says that a variant is metastable %s', (_, isSo, expected) => {
  expect(found(sweepOf({ 'load*': [1, 2, 3] }, ([x]) => ({ metastable: isSo(x!) ? 1 : 0 })))).toBe(expected);
});

test.each([
  [[0, 0.5, 1], 'from 200 % of the load on, not up to 100 %.'],
  [[1, 0.5, 0], 'up to 200 % of the load, not from 300 % on.'],
  [[1, 1, null], 'at 2 of 3 points; not known at 1 point.'],
  [[0, null, 0], 'at 0 of 3 points; not known at 1 point.'],
  [[0, 1, null], 'from 200 % of the load on, not up to 100 %; not known at 1 point.'],
  [[0, null, 1], 'at 1 of 3 points; not known at 1 point.'],
])('findingOf says where a probability of %j is above 0.5', (map, expected) => {
  const sweep = sweepOf({ 'load*': [1, 2, 3] }, ([x]) => ({ metastable: map[x! - 1]! }));
  expect(found(sweep)).toBe(`calls never recovers (is metastable) ${expected}`);
});

test.each([
  [1, 'never recovers from 300 % of the load on, not up to 200 %.'],
  [2, 'never recovers from 200 % of the load on, not up to 100 %.'],
  [3, 'never recovers at every load*.'],
  [0, 'recovers at every load*.'],
])('findingOf follows the first path with the other values of the file: %d', (original, expected) => {
  const sweep = sweepOf({ 'load*': [1, 2, 3], [retries]: [0, 1, 2, 3] }, ([load, tries]) => ({
    metastable: load! * tries! >= 3 ? 1 : 0,
  }));
  const [load, tries] = sweep.paths;
  const text = found({ ...sweep, paths: [load!, { ...tries!, original }] });
  const place = `With maxRetries ${original}, as in the file, calls`;
  expect(text).toBe(`${place} ${expected} In all, it is metastable at 6 of 12 points.`);
});

test('findingOf says where hypotheses hold and the range of goodput, if nothing is known of metastability', () => {
  const sweep = sweepOf({ 'load*': [1, 2] }, ([load]) => ({
    goodput: 1 / load!,
    holds: load === 1 ? 1 : 0.9,
  }));
  expect(found(sweep)).toBe(
    'The hypothesis holds with every seed at 1 of 2 simulated points, and with most seeds at 1 more. Goodput of calls: 50 % to 100 %.',
  );
});

test('findingOf an interrupted sweep says of how many points it is', () => {
  const sweep = sweepOf({ 'load*': [1, 2, 3] }, () => ({ holds: 0.4 }));
  const points = sweep.points.map((point, index) => ({ ...point, seeds: 2 - index }));
  expect(found({ ...sweep, status: 'interrupted', points })).toMatch(
    /^Until the interruption \(2 of 3 points, 1 to 2 of 20 seeds each\): .* at 0 of 2 simulated points\. /,
  );
});

test('findingOf says that the map depends on the time watched, where a variant was still recovering', () => {
  const { points, ...sweep } = sweepOf({ 'load*': [1, 2, 3] }, () => ({ metastable: 0 }));
  const watched = points.map((point, i) => (i > 0 ? { ...point, watchedMs: i * 48_000 } : point));
  expect(found({ ...sweep, points: watched })).toMatch(
    /At 2 points a variant was still recovering .* loads of up to 96 s/,
  );
});
