import { expect, test } from 'vitest';
import { refine, type Spot } from '#lab/explore/refine.ts';

/** Refines a grid in which verdicts follow `isBad`. Resolves with the spots of the coarse grid, all, and the changing. */
async function refined(columns: number, rows: number, isBad: (spot: Spot) => boolean) {
  const simulated = new Set<string>();
  let first = 0;
  const changing = await refine({
    ...{ columns, rows },
    simulate: async (spots) => {
      for (const spot of spots) simulated.add(spot.join());
    },
    isAlike: (one, other) => isBad(one) === isBad(other),
    onCoarse: () => (first = simulated.size),
  });
  return {
    first,
    simulated: [...simulated],
    changing: [...new Set(changing.map((spot) => spot.join()))].sort(),
  };
}

test('refine simulates only a coarse grid, halved once, where nothing changes', async () => {
  const { first, simulated, changing } = await refined(6, 6, () => false);
  expect([first, simulated.length, changing]).toEqual([4, 9, []]);
});

test('refine halves what changes, until it knows both sides of each change', async () => {
  const { simulated, changing } = await refined(7, 4, ([column]) => column >= 5);
  expect(changing).toEqual(['4,0', '4,1', '4,2', '4,3', '5,0', '5,1', '5,2', '5,3']);
  expect(simulated.some((spot) => spot.startsWith('1,'))).toBe(false);
});

test.each([
  [2, 2, 4],
  [8, 3, 6],
  [20, 1, 5],
])('refine begins a grid of %d × %d with %d points', async (columns, rows, points) => {
  expect((await refined(columns, rows, () => true)).first).toBe(points);
});
