import { expect, test } from 'vitest';
import { adviceOnSlowness, type Machine } from '#lab/analysis/validity/slow-machine.ts';

const advice = (machine: Partial<Machine>) =>
  adviceOnSlowness({ cpus: 2, loadAverage: 0, ...machine }).replaceAll('\u00a0', ' ');

test.each([
  [undefined, '`--slow-motion auto`'],
  [{ asked: 'auto', factor: 1 }, '`--slow-motion 2`'],
  [{ asked: 'auto', factor: 4 }, '`--slow-motion 8`'],
  [{ asked: 3, factor: 3 }, '`--slow-motion 6`'],
  [{ asked: 7, factor: 7 }, '`--slow-motion 8`'],
] as const)('adviceOnSlowness suggests a slower run than %j: %s', (slowMotion, expected) => {
  expect(advice(slowMotion ? { slowMotion } : {})).toContain(expected);
});

test.each([
  [0, 'so the load may be too much for it. Offer less.'],
  [20.8, 'close other programs and run again. If it happens on an idle machine, offer less.'],
])('adviceOnSlowness suggests no factor above 8, at a load average of %d', (loadAverage, end) => {
  const text = advice({ loadAverage, slowMotion: { asked: 8, factor: 8 } });
  expect(text.endsWith(end)).toBe(true);
  expect(text).not.toContain('--slow-motion');
});
