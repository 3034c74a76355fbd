import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '#lab/result/result.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { marker, spillway } from '#test/support/marked.ts';

test('run --without-faults breaks nothing, judges the same, and says so', async () => {
  const file = join(marker, 'kill.yaml');
  const experiment = countedExperiment({
    load: constant(50, 600),
    downstream: { model: { kind: 'fixed', latencyMs: 2 } },
    variants: { calls: onPath('rpc', 500) },
    faults: [{ name: 'crash', atMs: 200, forMs: 200, target: 'gateway', fault: { kind: 'kill' } }],
    hypothesis: ['goodput(calls, during crash) < 0.1'],
  });
  writeFileSync(file, experiment);
  const run = spillway(['run', '--without-faults', file]);
  const { code, stdout } = await run.ended();
  expect(code).toBe(99);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('This is a control without faults');
  const all = join(run.out, 'kill');
  const [folder = ''] = readdirSync(all);
  const read = (name: string) => readFileSync(join(all, folder, name), 'utf8');
  const { withoutFaults, command, variants } = JSON.parse(read('result.json')) as Result;
  expect([withoutFaults, command]).toEqual([true, expect.stringMatching(/ --without-faults$/)]);
  const [{ windows, faults, self }] = variants as [Result['variants'][0]];
  expect(faults).toMatchObject([{ done: 'left alone', took: { fromMs: expect.any(Number) } }]);
  expect(self.processes.filter(({ restarted }) => restarted)).toEqual([]);
  const during = windows!.find(({ name }) => name === 'during crash')!;
  expect(during.outcomes.ok + during.outcomes.late).toBe(during.offered);
  expect(read('report.html')).toContain('This is a control without faults');
});
