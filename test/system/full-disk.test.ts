import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { resultIn } from '#test/support/small-run.ts';

withMarker();

const experiment = (path: 'rpc' | 'event') =>
  countedExperiment({
    drainMs: 3000,
    load: constant(200, 1000),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { before: onPath('rpc', 500), during: onPath(path, 500) },
  });

test.for([
  ['rpc', /downstream: the effect log can't be written: no space left/],
  // The broker may refuse one event and then store a smaller one. Then only a counter of the publisher shows the
  // refusal.
  [
    'event',
    /^(downstream: the effect log|publisher: the broker) can't .*no space left|^publisher could not store/,
  ],
] as const)(
  'run on the path %s ends when the disk of its testbed is full, and counts no outcome wrongly',
  async ([path, why], context) => {
    const disk = smallDisk(context, 4096);
    writeFileSync(join(marker, 'full.yaml'), experiment(path));
    const { said, ended, out } = spillway(['run', '--no-predict', '--verbose', 'full.yaml'], {
      TMPDIR: disk,
    });
    await said(/during: run/);
    const filler = join(disk, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024))).toThrow('ENOSPC');
    const { code, stdout, stderr } = await ended();
    expect(code).toBe(1);
    expect(stdout).toContain('disk-full');
    expect(stdout).toContain('report.html');
    expect(stderr).not.toMatch(/^ +at /m);
    const result = resultIn(out, 'full');
    expect(result.status).toBe('error');
    expect(result.errors).toMatchObject([
      { name: 'disk-full', variant: 'during', message: expect.stringMatching(why) },
    ]);
    const { rejected = 0, dropped = 0 } = result.errors[0]!.counts?.outcomes ?? {};
    expect([rejected, dropped]).toEqual([0, 0]);
    expect(result.variants.map(({ name, outcomes }) => [name, outcomes.ok])).toEqual([['before', 200]]);
    expect(survivors(disk)).toEqual([]);
    rmSync(filler);
    expect(readdirSync(disk)).toEqual([]);
  },
);
