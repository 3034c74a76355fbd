import { expect, test } from 'vitest';
import { adviceOnSlowness } from '#lab/judge/validity/limits.ts';

test.each([
  [1.9, 'so the load may be too much for it: offer less.'],
  [2, 'which is the likely cause: close other programs.'],
])('adviceOnSlowness at a load average of %d on 2 CPUs', (loadAverage, end) => {
  expect(adviceOnSlowness({ cpus: 2, loadAverage })).toMatch(new RegExp(`${end}$`));
});
