import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assetFile } from '#kit/process/installation.ts';
import { analyse } from '#lab/cli/library/spillway.ts';
import { readResult } from '#lab/conduct/run-folder.ts';
import { evidenceVersion } from '#lab/evidence/format.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { VariantResult } from '#lab/judge/result/result.ts';
import { renderReport } from '#lab/show/report.ts';

const stored = assetFile('test/fixtures/stored');

/** Versions of the formats. Each folder has a run that the first Spillway of this version stored. */
const versions = readdirSync(stored);

/** Texts for people, whose words any version may change. */
const forPeople = { finding: expect.any(String), meaning: expect.any(String), remedy: expect.any(String) };

/** Texts of the ledger that were reworded since the run was stored. */
const reworded = [
  [
    'the consumer dead-lettered what is in the dead letters, and what was redriven',
    'the consumer counted every dead letter, including those that were redriven',
  ],
  [
    'of these, may be from finished events or the warm-up',
    'of these, at most from finished events or the warm-up',
  ],
  ['no completed request has the status of a failure', 'every outcome agrees with its line in the record'],
  ['completed with the status of a failure', 'outcomes that contradict their status, times or attempts'],
] as const;

/** Checks that were dropped since the run was stored. */
const dropped: readonly string[] = ['faults that affected no attempt'];

test('there is a stored run of the current version', () => {
  expect(versions).toContain(String(evidenceVersion));
});

describe.each(versions)('a run stored in version %s', (version) => {
  const folder = join(stored, version);

  test('has an experiment that is still valid, and means the same', () => {
    const source = readFileSync(join(folder, 'stored.yaml'), 'utf8');
    const [head] = readFileSync(join(folder, 'evidence.ndjson'), 'utf8').split('\n');
    const { load: _, tolerance: __, recovery, ...conducted } = JSON.parse(head!).experiment;
    const { relativeTo: ___, ...rule } = recovery;
    expect(parseExperiment(source, 'stored.yaml')).toMatchObject({ ...conducted, recovery: rule });
  });

  test('has evidence that is judged as it was', async () => {
    const text = readFileSync(join(folder, 'result.json'), 'utf8');
    const before = JSON.parse(reworded.reduce((sum, [from, to]) => sum.replaceAll(from, to), text));
    const validity = before.validity
      .filter(({ name }: { name: string }) => !dropped.includes(name))
      .map((check: object) => ({ ...check, ...forPeople }));
    const variants = before.variants.map((variant: VariantResult) => ({
      ...variant,
      // Later versions may check more.
      ledger: { ...variant.ledger, checks: expect.arrayContaining([...variant.ledger.checks]) },
    }));
    // Later versions may have more metrics.
    const figures = expect.arrayContaining(before.figures);
    expect(await analyse(folder)).toMatchObject({ ...before, validity, variants, figures });
  });

  test('has a result that can be read and shown', async () => {
    const result = await readResult(folder);
    expect(result.status).toBe('held');
    expect(renderReport(result)).toContain('A run that later versions must judge alike');
  });
});
