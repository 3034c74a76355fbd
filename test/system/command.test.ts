import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResult } from '#lab/conduct/run-folder.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { folderIn, resultIn, writeExperiment } from '#test/support/small-run.ts';

withMarker();

test('run ends with 0 when all hypotheses hold, leaves no process, and keeps the files of a variant in its folder', async () => {
  const file = writeExperiment(200, 'hypothesis: [lost(logs) == 0, lost(events) == 0]');
  writeFileSync(file, readFileSync(file, 'utf8').replace('calls:', 'logs:'));
  const run = spillway(['run', '--no-predict', file]);
  const { code, stdout } = await run.ended();
  expect(stdout).toMatch(/\nexit 0: no hypothesis failed\nReport: \S+report\.html\n$/);
  expect(code).toBe(0);
  expect(resultIn(run.out)).toMatchObject({ status: 'held', errors: [] });
  expect(survivors()).toEqual([]);
  expect(readdirSync(marker).sort()).toEqual(['runs', 'small.yaml']);
  const folder = folderIn(run.out);
  expect(await readResult(folder)).toEqual(resultIn(run.out));
  expect(readdirSync(folder).sort()).toEqual([
    'evidence.ndjson',
    'figures.csv',
    'junit.xml',
    'logs',
    'report.html',
    'result.json',
    'variants',
  ]);
  expect(readdirSync(join(folder, 'variants', 'logs')).sort()).toEqual([
    'effects.ndjson',
    'evidence.ndjson',
    'requests.csv',
  ]);
});

test('run prints its verdict, and then that there is no space for the report', async (context) => {
  // The disk has space for all files that are written before the report, but not for the report.
  const out = smallDisk(context, 320);
  const file = writeExperiment(300, 'hypothesis: [lost(calls) == 0]');
  const { code, stdout, stderr } = await spillway(['run', '--no-predict', file, '--out', out]).ended();
  expect(stdout).toContain('Held: The hypothesis holds');
  expect(stdout).not.toContain('Report:');
  expect(stderr).toMatch(/\ncannot write .*report\.html: no space left on the disk\n$/);
  expect(code).toBe(1);
  expect(survivors()).toEqual([]);
});

test('run --without-faults --only is a control of one variant, and is repeated by its command', async () => {
  const name = "it's a control";
  const file = join(marker, `${name}.yaml`);
  const experiment = countedExperiment({
    load: constant(50, 600),
    downstream: { model: { kind: 'fixed', latencyMs: 2 } },
    variants: { calls: onPath('rpc', 500), events: onPath('event', 500) },
    faults: [{ name: 'crash', atMs: 200, forMs: 200, target: 'gateway', fault: { kind: 'kill' } }],
    hypothesis: ['lost(calls) > 0', 'lost(events) == 0'],
  });
  writeFileSync(file, experiment);
  const out = join(marker, 'a $(b) & c');
  const control = ['run', '--no-predict', '--quiet', '--without-faults', '--only', 'calls'];
  const run = spillway([...control, '--out', out, file]);
  const { code, stdout, stderr } = await run.ended();
  expect([code, stderr]).toEqual([99, '']);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/Failed: .*This is a control run without faults.*Report: /);
  const { leftOut, withoutFaults, command, variants } = resultIn(out, name);
  expect(withoutFaults).toBe(true);
  expect(leftOut).toEqual({ variants: ['events'], hypotheses: ['lost(events) == 0'] });
  const [{ faults, self }] = variants as [(typeof variants)[0]];
  expect(faults).toMatchObject([{ state: 'left alone', took: { fromMs: expect.any(Number) } }]);
  expect(self.processes.filter(({ restarted }) => restarted)).toEqual([]);
  const words = spawnSync('sh', ['-c', `set -- ${command}; printf '%s\\n' "$@"`], { encoding: 'utf8' });
  expect(words.stdout.split('\n')).toEqual(expect.arrayContaining([file, '--without-faults', 'calls']));
});
