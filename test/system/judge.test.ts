import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gone, processOf, spillway, withMarker } from '#test/support/marked.ts';
import { folderIn, judged, writeCalls } from '#test/support/small-run.ts';

withMarker();

const evidenceOf = (folder: string, variant: string) => join(folder, 'variants', variant, 'evidence.ndjson');

test('judge marks the run of a killed lab as interrupted, and shows what the lab recorded', async () => {
  const run = spillway(['run', '--verbose', writeCalls(60_000)]);
  await run.said(/calls: run/);
  const folder = folderIn(run.out);
  await expect.poll(() => readFileSync(evidenceOf(folder, 'calls'), 'utf8')).toContain('"progress"');
  process.kill(await processOf(/lab\/main\.ts run/), 'SIGKILL');
  await run.ended();
  await gone();
  const { code, folder: out, result } = await judged(folder);
  expect({ code, out }).toEqual({ code: 105, out: folder });
  expect(result).toMatchObject({
    status: 'interrupted',
    variants: [],
    errors: [{ name: 'interrupted', variant: 'calls', message: expect.stringContaining('was killed') }],
  });
});
