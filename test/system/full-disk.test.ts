import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { resultIn } from '#test/support/small-run.ts';

withMarker();

test('run ends when the disk of its testbed is full, says so, and leaves nothing', async (context) => {
  const disk = smallDisk(context, 4096);
  const experiment = countedExperiment({
    drainMs: 3000,
    load: constant(50, 10_000),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { it: onPath('rpc', 500) },
  });
  writeFileSync(join(marker, 'full.yaml'), experiment);
  const { said, ended, out } = spillway(['run', '--no-predict', '--verbose', 'full.yaml'], { TMPDIR: disk });
  await said(/it: run/);
  const filler = join(disk, 'filler');
  expect(() => writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024))).toThrow('ENOSPC');
  const { code, stdout, stderr } = await ended();
  expect(code).toBe(1);
  expect(stdout).toContain('disk-full');
  expect(stdout).toContain('report.html');
  expect(stderr).not.toMatch(/^ +at /m);
  const result = resultIn(out, 'full');
  expect(result.status).toBe('error');
  const message = expect.stringMatching(/downstream: the effect log can't be written: no space left/);
  expect(result.errors).toMatchObject([{ name: 'disk-full', variant: 'it', message }]);
  expect(result.variants).toEqual([]);
  expect(survivors(disk)).toEqual([]);
  rmSync(filler);
  expect(readdirSync(disk)).toEqual([]);
});
