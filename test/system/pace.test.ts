import { expect, test } from 'vitest';
import type { Progress } from '#lab/runner/run.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { runText } from '#test/support/run-text.ts';

test('a run that measures its pace prints the factor, and how long it takes at least', async () => {
  const text = countedExperiment({
    slowMotion: 'auto',
    deadlineMs: 200,
    drainMs: 300,
    load: constant(10, 100),
    variants: { one: { path: 'rpc' }, two: { path: 'rpc' } },
  });
  const paces: Progress[] = [];
  const { slowMotion } = await runText(text, (logFolder) => startLocal({ logFolder }), {
    onProgress: (progress) => {
      if (progress.stage === 'pace') paces.push(progress);
    },
  });
  const { factor } = slowMotion!;
  const chosen = { factor, leastMs: 2 * factor * (100 + 200), drainMs: factor * 300 };
  expect(paces).toEqual([{ stage: 'pace' }, { stage: 'pace', chosen }]);
});
