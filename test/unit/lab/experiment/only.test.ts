import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readExperiment } from '#lab/experiment/read.ts';
import { experimentText, problemsOf } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';

/** Writes an experiment with the variants `direct` (path rpc) and `queued` (path event). Returns its file. */
function fileOf(...more: string[]): string {
  const file = join(testFolder(), 'x.yaml');
  writeFileSync(file, experimentText({ 8: hypotheses }, ...more));
  return file;
}
const hypotheses =
  'hypothesis: [goodput(direct) > 0.9, p99(queued) < 2 * p99(direct), 0.1 < goodput(queued), lost(queued) == 0]';

test('readExperiment with only some variants leaves out the others, and the hypotheses that name one', () => {
  const { experiment, leftOut } = readExperiment(fileOf(), {}, ['direct']);
  expect(Object.keys(experiment.variants)).toEqual(['direct']);
  expect(experiment.hypothesis).toEqual(['goodput(direct) > 0.9']);
  expect(leftOut).toEqual({
    variants: ['queued'],
    hypotheses: ['p99(queued) < 2 * p99(direct)', '0.1 < goodput(queued)', 'lost(queued) == 0'],
  });
});

test('readExperiment with only all variants leaves out nothing, and keeps their order', () => {
  const file = fileOf();
  const { experiment, leftOut } = readExperiment(file, {}, ['queued', 'direct']);
  expect(experiment).toEqual(readExperiment(file).experiment);
  expect(Object.keys(experiment.variants)).toEqual(['direct', 'queued']);
  expect(leftOut).toBeUndefined();
});

test('readExperiment reports each unknown variant, with the one that was probably meant', () => {
  const file = fileOf();
  expect(problemsOf(() => readExperiment(file, {}, ['drect', 'toString', 'queued']))).toEqual([
    `${file}: unknown variant drect in --only, did you mean direct?`,
    `${file}: unknown variant toString in --only, expected one of direct, queued`,
  ]);
});

test('readExperiment refuses redrives and faults that need a variant that is left out', () => {
  const kill = '{ name: dead, atMs: 1, forMs: 1, target: consumer, fault: { kind: kill } }';
  const file = fileOf('redrives: [{ atMs: 1 }]', `faults: [${kill}]`);
  expect(problemsOf(() => readExperiment(file, {}, ['queued']))).toEqual([]);
  expect(problemsOf(() => readExperiment(file, {}, ['direct']))).toEqual([
    expect.stringMatching(/x\.yaml:9:\d+: redrives: with --only direct: expected a variant of path event/),
    expect.stringMatching(
      /x\.yaml:10:\d+: faults\[0\]\.target: with --only direct: expected a target on the path/,
    ),
  ]);
});
