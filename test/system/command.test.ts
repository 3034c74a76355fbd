import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readResult, writeResult } from '#lab/cli/run-folder.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { folderIn, resultIn, writeExperiment } from '#test/support/small-run.ts';

withMarker();

const launcher = fileURLToPath(new URL('../../bin/spillway', import.meta.url));

test('run ends with 0 when all hypotheses hold, leaves no process, and keeps what belongs to a variant apart from all else, whatever its name', async () => {
  const file = writeExperiment(500, 'hypothesis: [goodput(logs) > 0.9, goodput(events) > 0.9]');
  writeFileSync(file, readFileSync(file, 'utf8').replace('calls:', 'logs:'));
  const run = spillway(['run', file]);
  const { code, stdout } = await run.ended();
  expect(stdout).toContain('report.html');
  expect(code).toBe(0);
  expect(resultIn(run.out)).toMatchObject({ status: 'held', errors: [] });
  expect(survivors()).toEqual([]);
  expect(readdirSync(marker).sort()).toEqual(['runs', 'small.yaml']);
  const folder = folderIn(run.out);
  expect(await readResult(folder)).toEqual(resultIn(run.out));
  expect(readdirSync(folder).sort()).toEqual([
    'evidence.ndjson',
    'junit.xml',
    'logs',
    'report.html',
    'result.json',
    'simulations.json',
    'variants',
  ]);
  expect(readdirSync(join(folder, 'variants', 'logs')).sort()).toEqual([
    'effects.ndjson',
    'evidence.ndjson',
    'requests.csv',
  ]);
});

test('run with too low a limit of open files ends with 104 at its start, and names the limit', () => {
  const script = 'ulimit -n 64 && exec "$0" run "$1"';
  const { status, stderr } = spawnSync('sh', ['-c', script, launcher, writeExperiment(300)], {
    cwd: marker,
    encoding: 'utf8',
  });
  expect(status).toBe(104);
  expect(stderr).toMatch(
    /^\S*small\.yaml:\d+:\d+: .*open files for \d+ connections, got 64: raise it \(ulimit -n \d+\)/,
  );
  expect(readdirSync(marker)).toEqual(['small.yaml']);
});

test('run ends with 104 on a wrong file, names every mistake with its position, and starts nothing', async () => {
  const file = writeExperiment(300, 'hypothesis: [goodputt(calls) > 0.9]\nseeed: 1');
  const { code, stderr } = await spillway(['run', file]).ended();
  expect(code).toBe(104);
  expect(stderr).toMatch(/small\.yaml:\d+:\d+: .*goodputt/);
  expect(stderr).toMatch(/small\.yaml:\d+:\d+: .*seeed/);
  expect(existsSync(join(marker, 'runs'))).toBe(false);
});

test('run prints its verdict, and then that there is no space for the report', async (context) => {
  // The disk has space for all files that are written before the report, but not for the report.
  const disk = smallDisk(context, 320);
  const run = spillway([
    'run',
    '--no-predict',
    writeExperiment(300, 'hypothesis: [goodput(calls) > 0.9]'),
    '--out',
    disk,
  ]);
  const { code, stdout, stderr } = await run.ended();
  expect(stdout).toContain('Held: The hypothesis holds');
  expect(stdout).not.toContain('Report:');
  expect(stderr).toMatch(/\ncannot write .*report\.html: no space left on the disk\n$/);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(code).toBe(1);
  expect(survivors()).toEqual([]);
});

test('run --only in a pipe writes a line for the variant, the verdict, and at last the exit code with its meaning', async () => {
  const file = writeExperiment(300, 'hypothesis: [goodput(calls) > 0.9, goodput(events) > 0.9]');
  const run = spillway(['run', '--no-predict', '--only', 'calls', file]);
  const { code, stdout, stderr } = await run.ended();
  expect(stderr).toMatch(/^\[1\/1\] calls: goodput .*\n$/);
  expect(stdout).toMatch(
    /Held: .* Left out by --only:\s+1\s+variant\s+\(events\).*\nReport: \S+report\.html\nexit 0: no hypothesis failed\n$/s,
  );
  expect(code).toBe(0);
  const { leftOut, command } = resultIn(run.out);
  expect(leftOut).toEqual({ variants: ['events'], hypotheses: ['goodput(events) > 0.9'] });
  expect(command).toMatch(/ --only calls$/);
  expect(await spillway(['judge', folderIn(run.out)]).ended()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/ Left out by --only: .*\nexit 0: no hypothesis failed\n$/s),
  });
});

test('run --quiet prints the verdict, failed hypotheses and the path of the report', async () => {
  const file = writeExperiment(300, 'hypothesis: [goodput(calls) < 0.1, goodput(calls) > 0.1]');
  const run = spillway(['run', '--no-predict', '--quiet', file]);
  const { code, stdout, stderr } = await run.ended();
  expect([code, stderr]).toEqual([99, '']);
  expect(stdout).toMatch(
    /^✗ Failed: 1 of 2 hypotheses does not hold; .*\n✗ goodput\(calls\) < 0\.1 .*\nReport: .*report\.html\n$/,
  );
});

test('run says what to install when nats-server is missing', async () => {
  const { code, stdout, stderr } = await spillway(['run', '--no-predict', writeExperiment(300)], {
    SPILLWAY_NATS_SERVER: join(marker, 'no-such-server'),
  }).ended();
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('nats-server is required');
  expect(survivors()).toEqual([]);
});

test('run ends with 104 on an --out that can not be created, and starts nothing', async () => {
  const file = writeExperiment(300);
  const { code, stderr } = await spillway(['run', file, '--out', join(file, 'runs')]).ended();
  expect(stderr).toMatch(/^cannot create .*small\.yaml.*it is a file, or below one; name a folder/);
  expect(code).toBe(104);
  expect(survivors()).toEqual([]);
});

test('compare puts two runs side by side', async () => {
  const folder = join(marker, 'run');
  mkdirSync(folder);
  await writeResult(folder, makeResult());
  const { stdout } = await spillway(['compare', folder, join(folder, 'junit.xml')]).ended();
  expect(stdout).toMatch(/^after {3}✓ Held: .*\n\n\d+ figures had no difference\.$/m);
  mkdirSync(join(marker, 'empty'));
  expect(await spillway(['compare', folder, join(marker, 'empty')]).ended()).toMatchObject({ code: 104 });
});

test('run --without-faults breaks nothing, judges the same, says so, and is repeated by its command', async () => {
  const name = "it's a control";
  const file = join(marker, `${name}.yaml`);
  const experiment = countedExperiment({
    load: constant(50, 600),
    downstream: { model: { kind: 'fixed', latencyMs: 2 } },
    variants: { calls: onPath('rpc', 500) },
    faults: [{ name: 'crash', atMs: 200, forMs: 200, target: 'gateway', fault: { kind: 'kill' } }],
    hypothesis: ['goodput(calls, during crash) < 0.1'],
  });
  writeFileSync(file, experiment);
  const run = spillway(['run', '--no-predict', '--without-faults', file]);
  const { code, stdout } = await run.ended();
  expect(code).toBe(99);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('This is a control run without faults');
  const { status, withoutFaults, command, variants } = resultIn(run.out, name);
  expect([status, withoutFaults]).toEqual(['failed', true]);
  const { windows, faults, self } = variants[0]!;
  expect(faults).toMatchObject([{ state: 'left alone', took: { fromMs: expect.any(Number) } }]);
  expect(self.processes.filter(({ restarted }) => restarted)).toEqual([]);
  const during = windows!.find(({ name }) => name === 'during crash')!;
  expect(during.outcomes.ok + during.outcomes.late).toBe(during.offered);
  const report = readFileSync(join(folderIn(run.out, name), 'report.html'), 'utf8');
  expect(report).toContain('This is a control run without faults');
  expect(command).toMatch(/ --without-faults$/);
  expect(spawnSync('sh', ['-c', command], { cwd: marker })).toMatchObject({ status: 99 });
});
