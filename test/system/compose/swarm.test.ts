import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { Stack } from '#test/support/docker/stack.ts';
import { root } from '#test/support/docker/versions.ts';
import { measuredIn } from '#test/support/figures.ts';
import { folders, testFolder } from '#test/support/folder.ts';
import { restartedIn } from '#test/support/run-text.ts';
import { withProject } from './with-project.ts';

vi.setConfig({ testTimeout: 240_000 }); // an update of all replicas is slow on a busy machine

const project = withProject((one) => one.compose(['build', 'secrets']));
const folder = folders();
let stack: Stack;
/** Time that the start of all replicas took. Their replacement takes about as long. */
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

test('no accepted event is lost when a consumer is killed and all services on its path are replaced, and nothing is left of the stack', async () => {
  const folder = testFolder();
  const text = readFileSync(`${root}deploy/swarm/rolling.yaml`, 'utf8');
  const forMs = `forMs: ${10_000 + Math.round(startMs)}`;
  expect(text).toContain('forMs: 60000');
  writeFileSync(join(folder, 'rolling.yaml'), text.replace('forMs: 60000', forMs));
  const run = stack.lab(folder, '--only', 'events', 'rolling.yaml');
  await run.said(/events: run/);
  await stack.kill('consumer');
  await stack.replaced('consumer');
  await stack.update('publisher', 'consumer', 'downstream');
  const { stdout, stderr } = await run.ended();
  const [file] = globSync('runs/*/*/result.json', { cwd: folder });
  expect(file, stdout + stderr).toBeDefined();
  const result: Result = JSON.parse(readFileSync(join(folder, file!), 'utf8'));
  expect(result.errors).toEqual([]);
  const [events] = measuredIn(result);
  expect(events!.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
  // On a busy machine some are replaced only after the load.
  expect(restartedIn(events!).length).toBeGreaterThan(0);
  expect(events!.lost).toBe(0);
  const { completed, unknown } = events!;
  // A connection to a publisher may end just when an event is sent on it. The caller can't know if it was accepted.
  expect(completed + unknown).toBe(events!.offered);

  expect((await stack.left()).length).toBeGreaterThan(8);
  await stack.remove();
  expect(await stack.left()).toEqual([]);
});
