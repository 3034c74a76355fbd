import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '#lab/result.ts';
import { marker, spillway, survivors } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';

const experiment = (path: 'rpc' | 'event') => `
title: A disk that fills up
deadlineMs: 1000
drainMs: 3000
connections: 50
warmup: { requests: 50, concurrency: 10 }
load: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: 2000 } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
variants:
  before: { path: rpc, policies: [{ timeout: { ms: 500 } }] }
  during: { path: ${path}, policies: [{ timeout: { ms: 500 } }] }
validity: { lagP99Ms: 500, sleepExcessP99Ms: 500, reason: the end of a run is tested and not the machine }
`;

test.for([
  ['rpc', /downstream: the effect log can't be written: no space left/],
  ['event', /^(downstream: the effect log|publisher: the broker) can't .*no space left/],
] as const)(
  'run on the path %s ends when the disk of its testbed is full, and counts nothing as what it was not',
  async ([path, why], context) => {
    const disk = smallDisk(context, 4096);
    writeFileSync(join(marker, 'full.yaml'), experiment(path));
    const { said, ended, out } = spillway(['run', 'full.yaml'], { TMPDIR: disk });
    await said(/during: run/);
    const filler = join(disk, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024))).toThrow('ENOSPC');
    const { code, stdout, stderr } = await ended();
    expect(code).toBe(1);
    expect(stdout).toContain('disk-full');
    expect(stdout).toContain('report.html');
    expect(stderr).not.toMatch(/^ +at /m);
    const folder = join(out, 'full', readdirSync(join(out, 'full'))[0]!);
    const result: Result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
    expect(result.status).toBe('error');
    expect(result.errors).toMatchObject([
      { name: 'disk-full', variant: 'during', message: expect.stringMatching(why) },
    ]);
    const { rejected = 0, dropped = 0 } = result.errors[0]!.counts?.outcomes ?? {};
    expect([rejected, dropped]).toEqual([0, 0]);
    expect(result.variants.map(({ name, outcomes }) => [name, outcomes.ok])).toEqual([['before', 100]]);
    expect(survivors(disk)).toEqual([]);
    rmSync(filler);
    expect(readdirSync(disk)).toEqual([]);
  },
);
