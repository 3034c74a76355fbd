import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '#lab/result/result.ts';
import { gone, marker, processOf, spillway, survivors } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';

/** An experiment of `forMs`, one variant of each path. */
function writeExperiment(forMs: number, more = ''): string {
  const file = join(marker, 'small.yaml');
  writeFileSync(
    file,
    `title: Small
deadlineMs: 1000
drainMs: 3000
connections: 50
warmup: { requests: 50, concurrency: 10 }
load: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: ${forMs} } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
variants:
  calls: { path: rpc, policies: [{ timeout: { ms: 500 } }] }
  events: { path: event, policies: [{ timeout: { ms: 500 } }] }
validity: { lagP99Ms: 500, sleepExcessP99Ms: 500, reason: the command is tested and not the machine }
${more}`,
  );
  return file;
}

const folderIn = (out: string, experiment = 'small'): string =>
  join(out, experiment, readdirSync(join(out, experiment))[0]!);

function resultIn(out: string, experiment?: string): Result {
  const folder = folderIn(out, experiment);
  for (const file of ['report.html', 'junit.xml']) expect(existsSync(join(folder, file))).toBe(true);
  return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
}

test('run ends with 0 when all hypotheses hold, and leaves no process', async () => {
  const run = spillway([
    'run',
    writeExperiment(500, 'hypothesis: [goodput(calls) > 0.9, goodput(events) > 0.9]'),
  ]);
  const { code, stdout } = await run.ended();
  expect(stdout).toContain('report.html');
  expect(code).toBe(0);
  expect(resultIn(run.out)).toMatchObject({ status: 'held', errors: [] });
  expect(survivors()).toEqual([]);
  expect(readdirSync(marker).sort()).toEqual(['runs', 'small.yaml']);
});

test('run keeps what belongs to a variant apart from all else, whatever its name', async () => {
  const file = writeExperiment(300);
  writeFileSync(file, readFileSync(file, 'utf8').replace('calls:', 'logs:'));
  const run = spillway(['run', file]);
  await run.ended();
  const folder = folderIn(run.out);
  expect(readdirSync(folder).sort()).toEqual(['junit.xml', 'logs', 'report.html', 'result.json', 'variants']);
  expect(readdirSync(join(folder, 'variants', 'logs')).sort()).toEqual([
    'effects.ndjson',
    'requests.csv',
    'series.json',
  ]);
});

test('run ends with 99 when a hypothesis fails, and so does the command that repeats it', async () => {
  const file = join(marker, "it's small.yaml");
  renameSync(writeExperiment(300, 'hypothesis: [goodput(calls) < 0.1]'), file);
  const run = spillway(['run', file]);
  expect(await run.ended()).toMatchObject({ code: 99 });
  const { status, command } = resultIn(run.out, "it's small");
  expect(status).toBe('failed');
  expect(spawnSync('sh', ['-c', command], { cwd: marker })).toMatchObject({ status: 99 });
});

test('run ends with 90 when the measurement is off', async () => {
  const file = writeExperiment(300, 'hypothesis: [goodput(calls) > 0.9]');
  writeFileSync(file, readFileSync(file, 'utf8').replace('lagP99Ms: 500', 'lagP99Ms: 0'));
  const run = spillway(['run', file]);
  expect(await run.ended()).toMatchObject({ code: 90 });
  expect(resultIn(run.out).status).toBe('invalid');
});

test('run ends with 104 on a wrong file, names every mistake with its place, and starts nothing', async () => {
  const file = writeExperiment(300, 'hypothesis: [goodputt(calls) > 0.9]\nseeed: 1');
  const { code, stderr } = await spillway(['run', file]).ended();
  expect(code).toBe(104);
  expect(stderr).toMatch(/small\.yaml:\d+:\d+: .*goodputt/);
  expect(stderr).toMatch(/small\.yaml:\d+:\d+: .*seeed/);
  expect(existsSync(join(marker, 'runs'))).toBe(false);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'run stops everything on %s, writes what it has, and ends with 105',
  async (signal) => {
    const run = spillway(['run', writeExperiment(2000, 'hypothesis: [ok(calls) == 100, ok(events) == 100]')]);
    await run.said(/events: run/);
    run.child.kill(signal);
    const { code, stdout } = await run.ended();
    expect(code).toBe(105);
    const { status, hypotheses, errors } = resultIn(run.out);
    expect(status).toBe('interrupted');
    expect(hypotheses).toMatchObject([
      { ok: true, left: 100 },
      { ok: null, reason: 'events was not finished' },
    ]);
    expect(errors).toMatchObject([
      { name: 'interrupted', message: `the command got ${signal}`, variant: 'events' },
    ]);
    expect(stdout).toContain('– ok(events) == 100');
    expect(survivors()).toEqual([]);
  },
);

test('run says on the first Ctrl-C that it stops, and leaves on the second one at once, without a report', async () => {
  const run = spillway(['run', writeExperiment(30_000)]);
  await run.said(/calls: run/);
  process.kill(await processOf(/gateway\/main\.ts/), 'SIGSTOP'); // so it can't be stopped soon
  run.child.kill('SIGINT');
  await run.said(/^Interrupted: mending, then stopping/m);
  const again = setInterval(() => run.child.kill('SIGINT'), 100);
  const { code, stderr } = await run.ended();
  clearInterval(again);
  expect(code).toBe(105);
  expect(stderr.match(/^Interrupted.*$/gm)).toEqual([
    'Interrupted: mending, then stopping. A second Ctrl-C leaves without a report.',
    'Interrupted again: left at once, without a report.',
  ]);
  expect(readdirSync(folderIn(run.out))).not.toContain('report.html');
  await gone();
});

test('run ends with 105 on a Ctrl-C once the first of two files is done', async () => {
  const file = writeExperiment(100);
  const run = spillway(['run', file, file]);
  await run.said(/2 of 2 ledgers balanced/);
  run.interrupt('SIGINT');
  const { code } = await run.ended();
  expect(code).toBe(105);
  expect(survivors()).toEqual([]);
});

test.each([
  ['the launcher has begun', /spillway|node24/],
  ['it loads', /lab\/main\.ts/],
  ['nats-server runs', /nats-server/],
  ['the gateway runs', /gateway\/main\.ts/],
])('run leaves nothing behind on a Ctrl-C as soon as %s', async (_moment, process) => {
  const run = spillway(['run', writeExperiment(60_000)]);
  await processOf(process);
  run.interrupt('SIGINT');
  const { code, signal } = await run.ended();
  // Before anything is started the signal ends the command itself, which a shell calls 130.
  expect(signal ?? code).toBeOneOf(['SIGINT', 130, 105]);
  expect(survivors()).toEqual([]);
});

test('run leaves nothing behind when it is killed', async () => {
  const run = spillway(['run', writeExperiment(60_000)]);
  await run.said(/calls: run/);
  run.child.kill('SIGKILL');
  await run.ended();
  await gone();
  expect(readdirSync(marker).filter((name) => name.startsWith('spillway-'))).toEqual([]);
});

test.each([
  ['downstream', /downstream\/main\.ts/],
  ['nats', /^\S*nats-server /],
])('run names %s that dies in the middle and reports the variants before it', async (name, pattern) => {
  const run = spillway(['run', writeExperiment(2000)]);
  await run.said(/events: run/);
  process.kill(await processOf(pattern), 'SIGKILL');
  const { code } = await run.ended();
  expect(code).toBe(1);
  const { status, errors, variants } = resultIn(run.out);
  expect(status).toBe('error');
  expect(errors).toMatchObject([{ name: `${name}-died`, variant: 'events' }]);
  expect(variants.map((variant) => variant.name)).toEqual(['calls']);
  expect(survivors()).toEqual([]);
});

test('run tells its verdict, and then that there is no space for the report', async (context) => {
  // Less than the report alone takes, and more than all that comes before it.
  const disk = smallDisk(context, 112);
  const run = spillway(['run', writeExperiment(300, 'hypothesis: [goodput(calls) > 0.9]'), '--out', disk]);
  const { code, stdout, stderr } = await run.ended();
  expect(stdout).toContain('Held: The hypothesis holds');
  expect(stdout).not.toContain('Report:');
  expect(stderr).toMatch(/\ncannot write .*report\.html: no space left on the disk\n$/);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(code).toBe(1);
  expect(survivors()).toEqual([]);
});

test('run stops everything when nobody reads its output any more', async () => {
  const run = spillway(['run', writeExperiment(1000)]);
  await run.said(/calls: warm-up/);
  run.child.stderr!.destroy();
  const { code } = await run.ended();
  expect(code).toBe(105);
  const message = 'interrupted: nobody reads the output';
  expect(resultIn(run.out)).toMatchObject({
    status: 'interrupted',
    errors: [{ name: 'interrupted', message }],
  });
  expect(survivors()).toEqual([]);
});

test('run says what to install when nats-server is missing', async () => {
  const { code, stdout, stderr } = await spillway(['run', writeExperiment(300)], {
    SPILLWAY_NATS_SERVER: join(marker, 'no-such-server'),
  }).ended();
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('nats-server is needed');
  expect(survivors()).toEqual([]);
});

test.each([
  ['in a file system that refuses folders', () => '/proc/nope', /nope.*no such file or folder/],
  ['that is a file', () => writeExperiment(300), /small\.yaml.*it is a file, or below one/],
  [
    'whose parent is a file',
    () => join(writeExperiment(300), 'runs'),
    /small\.yaml.*it is a file, or below one/,
  ],
])('run ends with 104 on an --out %s, and starts nothing', async (_sentence, out, message) => {
  const { code, stderr } = await spillway(['run', writeExperiment(300), '--out', out()]).ended();
  expect(stderr).toMatch(/^cannot create .*expected a folder/);
  expect(stderr).toMatch(message);
  expect(code).toBe(104);
  expect(survivors()).toEqual([]);
});

test('report writes a run anew, and compare puts two side by side', async () => {
  const run = spillway(['run', writeExperiment(300)]);
  await run.ended();
  const folder = join(run.out, 'small', readdirSync(join(run.out, 'small'))[0]!);
  rmSync(join(folder, 'report.html'));
  expect(await spillway(['report', join(folder, 'junit.xml')]).ended()).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, 'report.html'))).toBe(true);
  const { stdout } = await spillway(['compare', folder, folder]).ended();
  expect(stdout).toContain('calls');
  mkdirSync(join(marker, 'empty'));
  expect(await spillway(['compare', folder, join(marker, 'empty')]).ended()).toMatchObject({ code: 104 });
});
