import { expect, test } from 'vitest';
import type { OpenTestbed } from '#lab/runner/open-testbed.ts';
import { busiest, factorFor, slowerAfter } from '#lab/runner/pace.ts';
import { stored, writeVariant } from '#test/fixtures/evidence.ts';
import { testFolder } from '#test/support/folder.ts';
import { truthful } from '../analysis/ledger/truthful.ts';

test.each([
  [[1, 0.5], 1],
  [[1.01, 0], 2],
  [[0.3, 3.3, 1], 4],
  [[50], 8],
])('factorFor costs of %j times their limits is %d', (ratios, factor) => {
  expect(factorFor(ratios)).toBe(factor);
});

test('busiest returns the times of the fullest span, ends included', () => {
  expect(busiest([0, 100, 200, 210, 220, 300], 20)).toEqual([200, 210, 220]);
  expect(busiest([0, 100, 200, 210, 220, 300], 100)).toEqual([200, 210, 220, 300]);
  expect(busiest([], 100)).toEqual([]);
});

test.each([
  [0, 1, { factor: 2, tooFast: expect.stringMatching(/late \(limit 0.ms\) with factor 1$/) }],
  [0, 8, undefined],
  [1000, 1, undefined],
])(
  'slowerAfter a variant with a limit of lag of %d ms and a factor of %d',
  async (lagP99Ms, factor, slower) => {
    const folder = testFolder();
    writeVariant(folder, truthful('rpc', ['ok', 'ok']));
    const experiment = { ...stored.experiment, validity: { ...stored.experiment.validity, lagP99Ms } };
    const testbed = { control: { gateway: '', publisher: '', consumer: '', downstream: '' } };
    const open = { experiment, testbed, machine: { cpus: 2, loadAverage: 0 }, slowMotion: 1 };
    const found = await slowerAfter({ asked: 'auto', factor }, open as unknown as OpenTestbed, 'rpc', folder);
    expect(found).toEqual(slower && { asked: 'auto', ...slower });
  },
);
