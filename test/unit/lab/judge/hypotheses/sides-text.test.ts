import { expect, test } from 'vitest';
import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { isClose, sidesText } from '#lab/judge/hypotheses/sides-text.ts';

const shown = (result: Omit<HypothesisResult, 'ok'> & { ok?: boolean }) =>
  sidesText({ ok: true, ...result }).replaceAll('\u00a0', ' ');

test.each<[string, number, number, string]>([
  ['goodput(a) < 0.9 * goodput(b)', 0.7685, 0.9, '77 %, needs < 0.9 × 100 % = 90 %'],
  ['p99(a) < 1.5 * p99(b)', 1270, 2010, '1.27 s, needs < 1.5 × 1.34 s = 2.01 s'],
  ['2 * ok(a) > ok(b)', 2000, 1537, '2 × 1,000 = 2,000, needs > 1,537'],
  ['goodput(a, 250ms) > goodput(b, 250ms)', 0.23, 0.025, '23 %, needs > 2.5 %'],
  ['goodput(a) > 0 * goodput(b)', 0.23, 0, '23 %, needs > 0 %'],
])('sidesText of %s is both sides, with the factor', (text, left, right, expected) => {
  expect(shown({ text, left, right })).toBe(expected);
});

test.each<[string, number, number, string]>([
  ['lost(a) == 0', 0, 0, '0, needs == 0'],
  ['rejected(a) > 1000', 1709, 1000, '1,709, needs > 1,000'],
  ['amplification(a) > 3', 3.93, 3, '3.93, needs > 3'],
  ['goodput(a) > 95%', 1, 0.95, '100 %, needs > 95 %'],
  ['500 ms > p99(a)', 500, 454, '454 ms, needs < 500 ms'],
])('sidesText of %s is the figure, and what it needs', (text, left, right, expected) => {
  expect(shown({ text, left, right })).toBe(expected);
});

test.each<[string, number, number, string]>([
  ['p99(a) < 500ms', 500.4, 500, '500.4 ms, needs < 500 ms'],
  ['goodput(a) > 95%', 0.9496, 0.95, '94.96 %, needs > 95 %'],
  ['amplification(a) < amplification(b)', 1.0504, 1.0496, '1.0504, needs < 1.0496'],
  ['goodput(a) >= goodput(b)', 0.95, 0.95, '95 %, needs >= 95 %'],
])('sidesText of %s shows as many digits as distinguish both sides', (text, left, right, expected) => {
  expect(shown({ text, left, right })).toBe(expected);
});

test('sidesText is the reason where there is nothing to judge by', () => {
  expect(shown({ text: 'p99(a) < 1s', left: null, right: 1000, reason: 'no data' })).toBe('no data');
  expect(shown({ text: 'p99(a) < 1s', left: null, right: 1000 })).toBe('–, needs < 1 s');
});

test.each<[string, number, number, [low: number, high: number], string]>([
  [
    'goodput(a) > 95%',
    0.99,
    0.95,
    [0.03, 0.05],
    '99 %, needs > 95 % (98 % to 100 %) over 10 rounds, held in 9',
  ],
  [
    '500ms > p99(a)',
    500,
    400,
    [90, 110],
    '400 ms, needs < 500 ms (390 ms to 410 ms) over 10 rounds, held in 9',
  ],
  [
    'p99(a) < 0.5 * p99(b)',
    200,
    300,
    [-110, -90],
    '200 ms, needs < 0.5 × 600 ms = 300 ms, a difference of -110 ms to -90 ms over 10 rounds, held in 9',
  ],
  [
    'goodput(a) > goodput(b)',
    0.77,
    0.75,
    [-0.015, 0.05],
    '77 %, needs > 75 %, a difference of -1.5 to 5 points over 10 rounds, held in 9',
  ],
  ['lost(a) <= 0', 0, 0, [0, 0], '0, needs <= 0 over 10 rounds, held in 9'],
])('sidesText of %s over rounds is the interval', (text, left, right, [low, high], expected) => {
  expect(shown({ text, left, right, rounds: { of: 10, held: 9, low, high } })).toBe(expected);
});

test.each<[string, boolean, number, number, [low: number, high: number], string]>([
  ['goodput(a) > goodput(b)', false, 0.77, 0.75, [-0.015, 0.05], '; not sure: the interval includes 0'],
  ['goodput(a) > 75%', false, 0.77, 0.75, [-0.015, 0.05], '; not sure: the interval includes 75 %'],
  ['p99(a) < p99(b)', false, 190, 200, [-20, 0], '; not sure: the interval includes 0'],
  ['goodput(a) > goodput(b)', false, 0.7, 0.75, [-0.06, -0.04], ''],
  ['goodput(a) >= goodput(b)', true, 0.77, 0.75, [0, 0.05], ''],
  ['goodput(a) > goodput(b)', false, 1, 1, [0, 0], ''],
  ['lost(a) == lost(b)', false, 0.5, 0, [-0.1, 1.1], ''],
])(
  'sidesText of %s, which holds: %s, says if it may be chance',
  (text, ok, left, right, [low, high], expected) => {
    const found = shown({ text, ok, left, right, rounds: { of: 2, held: 2, low, high } });
    expect(found.replace(/^.* held in all/, '')).toBe(expected);
  },
);

test.each([
  ['goodput(a) > 0.95', 0.96, 0.95, true],
  ['goodput(a) > 0.95', 0.98, 0.95, false],
  ['goodput(a) > 0.99', 1, 0.99, false],
  ['goodput(a) < 0.02', 0, 0.02, false],
  ['p99(a) < 100ms', 91, 100, true],
  ['p99(a) < 100ms', 80, 100, false],
  ['lost(a) == 0', 0, 0, false],
  ['metastable(a, after phase x) > 0', 1, 0, false],
])('isClose of %s with %d against %d: %s', (text, left, right, close) => {
  expect(isClose({ text, left, right, ok: true })).toBe(close);
  expect(isClose({ text, left, right, ok: false })).toBe(false);
});
