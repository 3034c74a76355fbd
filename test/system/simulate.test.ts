import { expect, test } from 'vitest';
import { spillway, survivors, withMarker } from '#test/support/marked.ts';
import { folderIn, judged, resultIn, writeCalls } from '#test/support/small-run.ts';

withMarker();

test('simulate conducts an experiment within a run folder that can be judged again, and leaves no process', async () => {
  const file = writeCalls(10_000, 'hypothesis: [goodput(calls) > 0.9]');
  const run = spillway(['simulate', file, '--seed', '7']);
  const { code, stdout } = await run.ended();
  expect(stdout).toContain('report.html');
  expect(code).toBe(0);
  const result = resultIn(run.out);
  expect(result).toMatchObject({ status: 'held', simulated: true, experiment: { seed: 7 }, errors: [] });
  expect(result.command).toMatch(/simulate \S*small\.yaml --seed 7$/);
  expect(result.variants[0]).toMatchObject({ offered: 500, outcomes: { ok: 500 } });
  expect((await judged(folderIn(run.out))).result).toMatchObject({
    hypotheses: result.hypotheses,
    variants: result.variants,
    simulated: true,
  });
  expect(survivors()).toEqual([]);
});
