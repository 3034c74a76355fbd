import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gone, marker, processOf, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { folderIn, resultIn, writeCalls, writeExperiment } from '#test/support/small-run.ts';

withMarker();

test('run stops everything on SIGTERM, writes what it has, and ends with 105', async () => {
  const file = writeExperiment(1000, 'hypothesis: [ok(calls) == 50, ok(events) == 50]');
  // The only caller takes 20 s, so that the run is stopped in time.
  const long = 'path: event, callers: 1, downstream: { model: { kind: fixed, latencyMs: 400 } }';
  writeFileSync(file, readFileSync(file, 'utf8').replace('path: event', long));
  const run = spillway(['run', '--no-predict', '--verbose', file]);
  await run.said(/events: run/);
  run.child.kill('SIGTERM');
  const { code, stdout, stderr } = await run.ended();
  expect(code).toBe(105);
  // No progress of the testbed that stops.
  expect(stderr).toMatch(/\nInterrupted: stopping.*\n$/);
  const { status, hypotheses, errors } = resultIn(run.out);
  expect(status).toBe('interrupted');
  expect(hypotheses).toMatchObject([
    { ok: true, left: 50 },
    { ok: null, reason: 'events was not finished' },
  ]);
  expect(errors).toMatchObject([
    { name: 'interrupted', message: 'the command received SIGTERM', variant: 'events' },
  ]);
  expect(stdout).toContain('– ok(events) == 50');
  expect(survivors()).toEqual([]);
});

test('run says on the first Ctrl-C that it stops, and leaves on the second one at once, without a report', async () => {
  const run = spillway(['run', '--no-predict', '--verbose', writeCalls(60_000)]);
  await run.said(/calls: run/);
  process.kill(await processOf(/\/gateway\.js/), 'SIGSTOP'); // so that the gateway can't end quickly
  run.child.kill('SIGINT');
  await run.said(/^Interrupted: stopping/m);
  const again = setInterval(() => run.child.kill('SIGINT'), 100);
  const { code, stderr } = await run.ended();
  clearInterval(again);
  expect(code).toBe(105);
  expect(stderr.match(/^Interrupted.*$/gm)).toEqual([
    'Interrupted: stopping. Another Ctrl-C, after half a second, exits without a report.',
    'Interrupted again: exited at once, without a report.',
  ]);
  expect(readdirSync(folderIn(run.out))).not.toContain('report.html');
  await gone();
});

/** Writes a module that interrupts its own process when that loads the code of simulate. */
function interruptOnLoad(): string {
  const file = join(marker, 'interrupt.mjs');
  writeFileSync(
    file,
    `import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    if (url.endsWith('/lab/cli/conducting.ts')) process.kill(process.pid, 'SIGINT');
    return next(url, context);
  },
});`,
  );
  return file;
}

test('simulate ends with 105 on a Ctrl-C while it loads its code', async () => {
  const run = spillway(['simulate', '01'], { NODE_OPTIONS: `--import ${interruptOnLoad()}` });
  expect((await run.ended()).code).toBe(105);
});

test('simulate ends with 105 when Ctrl-C is pressed again and again until it has ended', async () => {
  const run = spillway(['simulate', '05', '--repeat', '20']);
  await run.said(/one-try/);
  run.child.kill('SIGINT');
  await run.said(/^exit 105/m);
  const again = setInterval(() => run.child.kill('SIGINT'), 1);
  const { code } = await run.ended();
  clearInterval(again);
  expect(code).toBe(105);
});

test.each([
  ['the launcher has begun', /spillway|node24/],
  ['nats-server runs', /nats-server/],
])('run leaves nothing behind on a Ctrl-C as soon as %s', async (_moment, process) => {
  const run = spillway(['run', writeExperiment(60_000)]);
  await processOf(process);
  run.interrupt('SIGINT');
  const { code, signal } = await run.ended();
  // Until Node runs the command, it has no handler, so the signal itself ends it. A shell reports 130 then.
  expect(signal ?? code).toBeOneOf(['SIGINT', 130, 105]);
  expect(survivors()).toEqual([]);
});

test('run leaves nothing behind when it is killed', async () => {
  const run = spillway(['run', '--no-predict', '--verbose', writeCalls(60_000)]);
  await run.said(/calls: run/);
  run.child.kill('SIGKILL');
  await run.ended();
  await gone();
  expect(readdirSync(marker).filter((name) => name.startsWith('spillway-'))).toEqual([]);
});

test('run names nats-server if it ends during a run', async () => {
  const run = spillway(['run', '--no-predict', '--verbose', writeCalls(60_000)]);
  const pid = await processOf(/^\S*nats-server /);
  await run.said(/calls: run/);
  process.kill(pid, 'SIGKILL');
  expect((await run.ended()).code).toBe(1);
  expect(resultIn(run.out)).toMatchObject({ status: 'error', errors: [{ name: 'nats-died' }] });
  expect(survivors()).toEqual([]);
});

test('run stops everything when its output is closed', async () => {
  const run = spillway(['run', '--no-predict', '--verbose', writeCalls(60_000)]);
  await run.said(/calls: warm-up/);
  run.child.stderr!.destroy();
  expect((await run.ended()).code).toBe(105);
  const message = 'interrupted: the reader closed the output';
  expect(resultIn(run.out)).toMatchObject({
    status: 'interrupted',
    errors: [{ name: 'interrupted', message }],
  });
  expect(survivors()).toEqual([]);
});
