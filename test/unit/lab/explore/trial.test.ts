import { expect, test } from 'vitest';
import type { Sample } from '#lab/explore/sample.ts';
import { nearestOf, tryPoint } from '#lab/explore/trial.ts';

const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

/** Tries a point that fails for these seeds. Returns the trial and the seeds that were simulated. */
async function tried(failing: readonly number[], share = 0.95) {
  const simulated: number[] = [];
  const reported: number[] = [];
  const explorer = {
    async sample(_point: unknown, seed: number) {
      simulated.push(seed);
      return {
        round: { seed },
        hypotheses: [{ ok: !failing.includes(seed), left: seed }],
      } as unknown as Sample;
    },
    width: 2,
  };
  const required = { seeds, share, indices: [0], metricIndex: 0 };
  const trial = await tryPoint(explorer, [7], required, (count) => reported.push(count));
  return { trial, simulated, reported };
}

test('tryPoint needs 19 of 20 seeds for 95 %', async () => {
  expect((await tried([])).trial).toEqual({ point: [7], held: 20, of: 20, holds: true, metric: 10.5 });
  expect((await tried([20])).trial).toMatchObject({ held: 19, of: 20, holds: true });
  expect((await tried([19, 20])).trial).toMatchObject({ held: 18, of: 20, holds: false });
});

test('tryPoint reports the seeds so far', async () => {
  const { reported } = await tried([], 0.95);
  expect(reported).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
});

test('tryPoint stops once too few seeds can hold', async () => {
  const { trial, simulated } = await tried([1, 2, 3]);
  expect(simulated).toEqual([1, 2]);
  expect(trial).toMatchObject({ held: 0, of: 2, holds: false });
});

test('nearestOf prefers more seeds that hold', () => {
  const trial = (point: number, held: number) => ({
    ...{ point: [point], held, of: 2, holds: false, metric: null },
  });
  expect(nearestOf([trial(1, 0), trial(2, 1), trial(3, 0)]).point).toEqual([2]);
});
