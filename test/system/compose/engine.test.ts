import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { engines } from '#lab/world/engines.ts';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { docker } from '#test/support/docker/command.ts';
import { patiently } from '#test/support/docker/patiently.ts';
import { valuesOf } from '#test/support/figures.ts';
import { testFolder } from '#test/support/folder.ts';
import { accounted, accountedOnCluster, restartedIn, runText } from '#test/support/run-text.ts';
import { startSpillway } from '#test/support/spillway.ts';

const noDocker = inject('noDocker');
beforeEach(({ skip }) => skip(noDocker !== undefined, noDocker));

const { start } = engines.compose({ urls: {}, ownConsumer: false });

/** Lists the containers, networks, volumes and images of runs that still exist. */
async function left(): Promise<string> {
  const ofRuns = ['--quiet', '--filter', 'name=spillway-run'];
  const kinds = [
    ['ps', '--all'],
    ['network', 'ls'],
    ['volume', 'ls'],
  ];
  const lines = await Promise.all(kinds.map((kind) => docker(...kind, ...ofRuns)));
  return [...lines, await docker('images', '--quiet', 'spillway:spillway-run-*')].join('');
}

type Fault = Readonly<Record<string, unknown>>;

const experiment = (faults: readonly Fault[], forMs = 6000, drainMs = 30_000) =>
  countedExperiment({
    drainMs,
    connections: 600,
    load: constant(100, forMs),
    downstream: { model: { kind: 'fixed', latencyMs: 10 } },
    variants: { it: onPath('event', 2000) },
    faults,
  });

/** Runs 100 events a second. Expects that all are accounted for, and all faults became active and were cleared. */
async function runWith(faults: readonly Fault[], forMs = 6000, drainMs?: number) {
  const result = await runText(experiment(faults, forMs, drainMs), start);
  const during = (name: string) => valuesOf(result, 'it', `during ${name}`);
  return { ...accounted(result, forMs / 10), during };
}

describe('the compose engine', () => {
  test('runs an experiment with containers killed, paused and stopped, loses nothing, and leaves nothing', async () => {
    const faults = [
      fault('crash', 'consumer', [1000, 1500], 'kill'),
      fault('freeze', 'publisher', [3000, 1500], 'pause'),
      fault('halt', 'consumer', [5500, 1500], 'stop'),
    ];
    const variant = await runWith(faults, 9000);
    expect(variant.lost).toBe(0);
    expect(variant.completed).toBe(900);
    // The event scheduled at the start of a fault had to wait for most of the fault's time.
    for (const { name } of faults) {
      const { span } = variant.windows.find((window) => window.name === `during ${name}`)!;
      const { max } = variant.during(name);
      // Docker on a busy machine may inject a fault only after the last event.
      if (max !== undefined) expect(max).toBeGreaterThan(0.5 * (span!.untilMs - span!.fromMs));
    }
    expect(restartedIn(variant)).toEqual(['consumer']);
    expect(await left()).toBe('');
  });

  test('leads all hops of a path over netproxy, injects a fault into each, and clears it', async () => {
    const targets = ['load->publisher', 'publisher->nats', 'consumer->nats', 'consumer->downstream'];
    const faults = targets.flatMap((target, index) => [
      { name: `far-${index}`, atMs: 500, forMs: 2000, target, fault: { kind: 'latency', latencyMs: 100 } },
      { name: `down-${index}`, atMs: 4000, forMs: 500, target, fault: { kind: 'down' } },
    ]);
    // The drain is short: an event whose publish got no answer stays open until its end.
    const variant = await runWith(faults, 7000, 8000);
    expect(variant.lost).toBe(0);
    // Each hop delays both directions, but the latency lacks the answers to the load and to the publisher.
    expect(variant.during('far-0').p50).toBeGreaterThan(600);
    expect(await left()).toBe('');
  });

  test('clears all faults and removes everything on Ctrl-C, and the command ends with 105', async () => {
    const { run, since } = interruptible({
      name: 'freeze',
      atMs: 500,
      forMs: 50_000,
      target: 'publisher',
      fault: { kind: 'pause' },
    });
    await unchecked('name=^spillway-run-.*-consumer-1$');
    await run.said(/it: run/);
    await listed('name=^spillway-run', 'status=paused');
    run.interrupt();
    expect((await run.ended()).code).toBe(105);
    expect(await left()).toBe('');
    expect(await events(since, 'event=unpause')).toMatch(/unpause/);
  });
});

test('the compose engine recovers containers that end at once, whichever comes back first', async () => {
  const kill = (target: string, atMs: number, forMs: number) =>
    fault(`${target}-at-${atMs}`, target, [atMs, forMs], 'kill');
  const variant = await runWith([
    kill('downstream', 400, 800),
    kill('consumer', 400, 1800),
    kill('consumer', 4200, 600),
    kill('downstream', 4200, 1600),
  ]);
  expect(restartedIn(variant).toSorted()).toEqual(['consumer', 'downstream']);
  expect(await left()).toBe('');
});

test('the compose engine runs a cluster, which goes on without its leader', async () => {
  const perSecond = 50;
  const text = countedExperiment({
    drainMs: 15_000,
    connections: 500,
    load: constant(perSecond, 15_000),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { it: { ...onPath('event', 500), broker: { servers: 3, replicas: 3 } } },
    faults: [
      // Longer than an election, which takes up to 9 s.
      fault('crash', 'nats-leader', [4500, 10_000], 'kill'),
    ],
  });
  const result = await runText(text, start);
  const variant = accountedOnCluster(result, perSecond * 15);
  expect(variant.lost).toBe(0);
  expect(variant.faults!.map(({ servers = [] }) => servers.length)).toEqual([1]);
  const { offered, completed } = valuesOf(result, 'it', 'during crash');
  // Docker on a busy machine may kill the leader only after the last event.
  if (offered > 0) expect(completed).toBeGreaterThan(0);
  expect(await left()).toBe('');
});

/** Starts the command with a run of a minute, which the test interrupts. */
function interruptible(...faults: Fault[]) {
  const folder = testFolder();
  const file = join(folder, 'x.yaml');
  writeFileSync(file, experiment(faults, 60_000));
  const run = startSpillway(['run', '--verbose', '--engine', 'compose', file], { folder });
  onTestFinished(async () => {
    run.child.kill('SIGTERM');
    await run.ended();
  });
  return { run, since: String(Math.floor(Date.now() / 1000)) };
}

/** Waits like `listed`. Expects no health check in the container, since its process would disturb the measurement. */
async function unchecked(...filters: string[]): Promise<string> {
  const id = await listed(...filters);
  const check = await docker('inspect', '--format', '{{json .Config.Healthcheck}}', id);
  expect(check.trim()).toBe('null');
  return id;
}

/** Waits until Docker lists a container that matches. Resolves with the id of the first match. */
async function listed(...filters: string[]): Promise<string> {
  let id = '';
  await patiently(async () => {
    const ids = await docker('ps', '--quiet', ...flags(filters));
    id = ids.split('\n')[0]!;
    return id !== '';
  }, `a container with ${filters}`);
  return id;
}

/** Lists Docker's events since a time, one per line. */
const events = (since: string, ...filters: string[]) =>
  docker('events', '--since', since, '--until', '0s', ...flags(filters));

const flags = (filters: readonly string[]) => filters.flatMap((each) => ['--filter', each]);
