import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { Stack } from '#test/support/docker/stack.ts';
import { root } from '#test/support/docker/versions.ts';
import { folders, testFolder } from '#test/support/folder.ts';
import { recordIn, restartedIn } from '#test/support/run-text.ts';
import type { Spillway } from '#test/support/spillway.ts';
import { withProject } from './with-project.ts';

vi.setConfig({ testTimeout: 240_000 }); // an update of all replicas is slow on a busy machine

const project = withProject((one) => one.compose(['build', 'secrets']));
const folder = folders();
let stack: Stack;
/** Time that the start of all replicas took. An update under load takes about twice as long. */
let startMs = 0;
const guard = new Guard();

beforeAll(async () => {
  if (inject('noDocker') !== undefined) return;
  stack = new Stack(project.name, project.image, folder());
  const beforeMs = performance.now();
  await stack.deploy(guard);
  startMs = performance.now() - beforeMs;
});

afterAll(async () => {
  await stack?.remove();
  await guard.release();
});

/** Copies an experiment of deploy/swarm into a folder for its run, with these changes of its text. */
function experimentIn(name: string, changes: Readonly<Record<string, string>> = {}) {
  const folder = testFolder();
  let text = readFileSync(`${root}deploy/swarm/${name}`, 'utf8');
  for (const [before, after] of Object.entries(changes)) {
    expect(text).toContain(before);
    text = text.replace(before, after);
  }
  writeFileSync(join(folder, name), text);
  return folder;
}

/** Waits for the end of a run. Expects a ledger that balances for each variant, by all of its checks. */
async function ended(run: Spillway, folder: string) {
  const { code, stdout, stderr } = await run.ended();
  const [file] = globSync('runs/*/*/result.json', { cwd: folder });
  expect(file, stdout + stderr).toBeDefined();
  const result: Result = JSON.parse(readFileSync(join(folder, file!), 'utf8'));
  expect(result.errors).toEqual([]);
  for (const { ledger } of result.variants) {
    expect(ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(ledger.balanced).toBe(true);
  }
  return { ...result, code, folder: join(folder, dirname(file!)) };
}

/** Returns the processes that worked, by their counters of CPU time. */
const processesOf = ({ self }: VariantResult) => self.processes.map(({ name }) => name);

test('experiment 01 in short form runs on two replicas of each service, and its ledger balances', async () => {
  const folder = experimentIn('01-short.yaml');
  const { variants } = await ended(stack.lab(folder, '--only', 'rpc-16,events-16', '01-short.yaml'), folder);
  expect(variants.map(({ offered }) => offered)).toEqual([2000, 2000]);
  expect(processesOf(variants[0]!)).toEqual([
    'generator',
    'gateway-1',
    'gateway-2',
    'downstream-1',
    'downstream-2',
  ]);
  // Nothing was restarted, so every count of every replica was compared.
  for (const { ledger } of variants)
    expect(ledger.checks.map(({ note }) => note).join()).not.toContain('restarted');
});

/** Duration of a load that is longer than an update, also on a busy machine. */
const loadMs = () => 20_000 + 2 * Math.round(startMs);
const lasting = () => ({ 'forMs: 60000': `forMs: ${loadMs()}` });

test('of calls, only those at a killed gateway fail, and none while gateways and downstreams are replaced', async () => {
  const folder = experimentIn('rolling.yaml', lasting());
  const run = stack.lab(folder, '--only', 'rpc', 'rolling.yaml');
  await run.said(/rpc: run/);
  const runAtMs = performance.now();
  await stack.kill('gateway');
  await stack.replaced('gateway');
  const updateAtMs = performance.now() - runAtMs;
  await stack.update('gateway', 'downstream');
  const result = await ended(run, folder);
  const [rpc] = result.variants;
  expect(restartedIn(rpc!)).toEqual(['gateway-1', 'gateway-2', 'downstream-1', 'downstream-2']);
  const during = recordIn(result.folder, 'rpc').filter(
    ({ scheduledAtMs }) => Number(scheduledAtMs) > updateAtMs,
  );
  const count = (outcome: string) => during.filter((each) => each.outcome === outcome).length;
  expect(during.length).toBeGreaterThan(100);
  expect(['failed', 'timeout', 'rejected', 'dropped'].map(count)).toEqual([0, 0, 0, 0]);
  // A connection may end just when a request is sent on it. The caller can't know if that request was done.
  expect(count('unknown')).toBeLessThan(0.02 * during.length);
});

test('no accepted event is lost when a consumer is killed, and all services on its path are replaced', async () => {
  const folder = experimentIn('rolling.yaml', lasting());
  const run = stack.lab(folder, '--only', 'events', 'rolling.yaml');
  await run.said(/events: run/);
  await stack.kill('consumer');
  await stack.replaced('consumer');
  await stack.update('publisher', 'consumer', 'downstream');
  const { variants } = await ended(run, folder);
  const [events] = variants;
  expect(restartedIn(events!).length).toBe(6);
  expect(events?.lost).toBe(0);
  const { ok, late, unknown } = events!.outcomes;
  expect(ok + late + unknown).toBe(events?.offered);
  // A connection to a publisher may end just when an event is sent on it. The caller can't know if it was accepted.
  expect(unknown).toBeLessThan(0.02 * events!.offered);
});

test('nothing is left of the stack', async () => {
  expect((await stack.left()).length).toBeGreaterThan(8);
  await stack.remove();
  expect(await stack.left()).toEqual([]);
});
