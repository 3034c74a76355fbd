import { expect, test } from 'vitest';
import {
  count,
  duration,
  gigabytes,
  inNumber,
  number,
  plain,
  plural,
  points,
  range,
  share,
  times,
  utc,
} from '#lab/kit/text/format.ts';

const plainly = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  [0, '0 %'],
  [0.0004, '< 0.1 %'],
  [0.0255, '2.5 %'],
  [0.1, '10 %'],
  [0.745, '75 %'],
  [0.9, '90 %'],
  [0.9685, '96.9 %'],
  [0.9996, '> 99.9 %'],
  [-0.745, '-75 %'],
  [-0.0004, '> -0.1 %'],
  [1, '100 %'],
])('share of %f is %s', (value, text) => {
  expect(plainly(share(value))).toBe(text);
});

test.each([
  [0, '0 points'],
  [-0.015, '-1.5 points'],
  [0.01, '1 point'],
  [-0.01, '-1 point'],
  [0.0996, '10 points'],
  [0.745, '75 points'],
  [0.0004, '< 0.1 points'],
  [-0.0004, '> -0.1 points'],
])('points of a difference of %f are %s', (value, text) => {
  expect(plainly(points(value))).toBe(text);
});

test('range says a word once, and one value where both read the same', () => {
  expect(plainly(range([0.05, -0.015], points))).toBe('-1.5 to 5 points');
  expect(plainly(range([33, 36], (value) => `${value} ms`))).toBe('33 ms to 36 ms');
  expect(plainly(range([0.05, 0.05], points))).toBe('5 points');
});

test.each([
  [null, '–'],
  [0, '0 ms'],
  [8.249, '8.25 ms'],
  [454, '454 ms'],
  [999.6, '1 s'],
  [1226, '1.23 s'],
  [60_000, '60 s'],
  [120_000, '2 min'],
  [125_400, '2 min 5 s'],
])('duration of %s ms is %s', (ms, text) => {
  expect(plainly(duration(ms))).toBe(text);
});

test.each([
  [null, '–'],
  [1990, '1,990'],
  [0.7449, '0.745'],
  [3.924, '3.92'],
  [1234.56, '1,235'],
])('number of %s is %s', (value, text) => {
  expect(number(value)).toBe(text);
});

test('plural counts one apart from all others, with irregular words', () => {
  expect(
    [plural(1, 'check'), plural(0, 'check'), plural(2000, 'check'), plural(2, 'hypothesis')].map(plainly),
  ).toEqual(['1 check', '0 checks', '2,000 checks', '2 hypotheses']);
});

test('plural goes by how a number reads', () => {
  expect([plural(1.0004, 'attempt'), plural(1.01, 'attempt')].map(plainly)).toEqual([
    '1 attempt',
    '1.01 attempts',
  ]);
});

test('inNumber gives the word alone, with a plural of its own for verbs', () => {
  expect([inNumber(1, 'ledger'), inNumber(3, 'ledger')]).toEqual(['ledger', 'ledgers']);
  expect([inNumber(1, 'does', 'do'), inNumber(0, 'does', 'do')]).toEqual(['does', 'do']);
});

test('utc is to the minute', () => {
  expect(utc('2026-11-25T01:02:59.999Z')).toBe('2026-11-25 01:02 UTC');
});

test('count, times and gigabytes carry their signs', () => {
  expect([count(1234567), times(3.924), gigabytes(25_276_510_208)].map(plainly)).toEqual([
    '1,234,567',
    '3.92×',
    '25.3 GB',
  ]);
});

test('plain makes every unbreakable space one that a search finds', () => {
  expect(plain(`${share(0.5)}, ${share(0.6)}`)).toBe('50 %, 60 %');
});
