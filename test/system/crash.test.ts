import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Clock, systemClock } from '#kit/clock.ts';
import { startLocal } from '#lab/engine/local.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { folders } from '#test/support/folders.ts';
import { accounted, runText as runTextOn } from '#test/support/run-text.ts';
import { TestbedPool } from '#test/support/testbed-pool.ts';

// A run spends most of its time waiting, so two go on at once.
const newFolder = folders();
let temporary: string;
beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterAll(async () => {
  await pool.stop();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const pool = new TestbedPool(() => startLocal({ logFolder: newFolder() }));

const runText = (text: string, folder = newFolder(), clock: Clock = systemClock): Promise<Result> =>
  runTextOn(text, (logFolder) => startLocal({ logFolder }), { folder, clock });

const everyMs = 5;

/** Runs 600 requests over 3 s on one path and harms a process for half a second in the middle. */
async function runWith(
  kind: 'kill' | 'stop' | 'pause',
  path: 'rpc' | 'event',
  target: string,
  more: object = {},
): Promise<VariantResult> {
  // It ends with the last request, and before that a service may take 20 s to be ready again. Only events that nobody
  // knows to be in the stream stay open until the end.
  const mayLeaveUnknown = kind !== 'pause' && (target === 'publisher' || target === 'nats');
  // Who is stopped answers what it has accepted, however busy the machine is.
  const timeoutMs = kind === 'stop' ? 20_000 : 500;
  const text = countedExperiment({
    drainMs: mayLeaveUnknown ? 6000 : 30_000,
    connections: 600, // one for every request, however long they take
    load: constant(1000 / everyMs, 3000),
    downstream: { model: { kind: 'fixed', latencyMs: 20 }, ...more },
    variants: { it: onPath(path, timeoutMs) },
    faults: [{ name: 'crash', atMs: 1000, forMs: 500, target, fault: { kind } }],
  });
  const result = await pool.run((testbed) => runTextOn(text, async () => testbed, { folder: newFolder() }));
  return accounted(result, 600);
}

// First, since it takes longest: a service that can't be ready is waited for.
test.concurrent('a fault still to come does not outlive the run that a death has ended', async () => {
  const { errors, durationMs } = await runText(`
title: Two faults
deadlineMs: 500
connections: 50
warmup: { requests: 50, concurrency: 10 }
load: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: 60000 } }]
variants: { it: { path: rpc }, other: { path: event } }
faults:
  # The broker is away when the publisher is started again, so that can't succeed.
  - { name: first, atMs: 200, forMs: 59000, target: nats, fault: { kind: kill } }
  - { name: second, atMs: 400, forMs: 200, target: publisher, fault: { kind: kill } }
  - { name: third, atMs: 50000, forMs: 200, target: gateway, fault: { kind: kill } }
`);
  expect(errors).toMatchObject([{ name: 'publisher-not-ready' }]);
  expect(durationMs).toBeLessThan(50_000);
});

test.concurrent('a killed consumer loses no accepted event, and repeats effects that are not idempotent, which are counted', async () => {
  // More arrives than its 16 handlers can do, so that they are all at work when it dies.
  const slow = { idempotent: false, model: { kind: 'fixed', latencyMs: 100 } };
  const { lost, outcomes, effects } = await runWith('kill', 'event', 'consumer', slow);
  expect(lost).toBe(0);
  expect(outcomes.ok + outcomes.late).toBe(600);
  expect(effects.distinct).toBe(600);
  // What was in the hands of the consumer when it died was done by downstream all the same.
  expect(effects.duplicates).toBeGreaterThan(0);
});

test.concurrent('a killed publisher loses no accepted event, and what finds it away is dropped', async () => {
  const { lost, outcomes, effects } = await runWith('kill', 'event', 'publisher');
  expect(lost).toBe(0);
  expect(outcomes.pending).toBe(0);
  expect(outcomes.dropped).toBeGreaterThan(0);
  expect(outcomes.ok + outcomes.late).toBe(effects.distinct);
});

test.concurrent('a killed broker loses no accepted event, and nobody goes without but who was due while it was away', async () => {
  const { lost, outcomes, faults } = await runWith('kill', 'event', 'nats');
  const { ok, late, dropped, unknown } = outcomes;
  expect(lost).toBe(0);
  expect(ok + late + dropped + unknown).toBe(600);
  const { fromMs, untilMs } = faults![0]!.took!;
  expect(dropped + unknown).toBeLessThanOrEqual((untilMs - fromMs) / everyMs);
});

test.concurrent('a killed downstream loses no accepted event', async () => {
  const { lost, outcomes } = await runWith('kill', 'event', 'downstream');
  expect(lost).toBe(0);
  expect(outcomes.ok + outcomes.late).toBe(600);
});

test.concurrent('a killed gateway leaves what it was at unknown, and what finds it away has failed', async () => {
  const { outcomes, self, faults } = await runWith('kill', 'rpc', 'gateway');
  const { ok, late, timeout, failed, unknown } = outcomes;
  expect(unknown).toBeGreaterThan(0);
  expect(failed).toBeGreaterThan(0);
  expect(ok + late + timeout + failed + unknown).toBe(600);
  expect(self.processes.filter(({ restarted }) => restarted)).toMatchObject([{ name: 'gateway' }]);
  const [fault] = faults!;
  expect(fault).toMatchObject({ name: 'crash', target: 'gateway', asked: { fromMs: 1000, untilMs: 1500 } });
  expect(fault!.took!.fromMs).toBeGreaterThan(999); // timers round to ms
  expect(fault!.took!.untilMs).toBeGreaterThan(1500);
});

test.concurrent('a killed downstream makes requests fail, and the ledger stays balanced', async () => {
  const { ok, late, timeout, failed } = (await runWith('kill', 'rpc', 'downstream')).outcomes;
  expect(failed).toBeGreaterThan(0);
  expect(ok + late + timeout + failed).toBe(600);
});

test.concurrent.each(['gateway', 'downstream'])(
  'a stopped %s answers what it has accepted',
  async (target) => {
    const { outcomes, effects } = await runWith('stop', 'rpc', target);
    const answered = outcomes.ok + outcomes.late;
    expect(answered).toBeGreaterThan(0);
    // Nothing was done whose caller did not hear of it.
    expect(effects).toEqual({ distinct: answered, duplicates: 0, wasted: 0 });
    expect(answered + outcomes.failed + outcomes.unknown).toBe(600);
  },
);

test.concurrent.each(['publisher', 'consumer'])('a stopped %s loses no accepted event', async (target) => {
  const { lost, outcomes } = await runWith('stop', 'event', target);
  expect(lost).toBe(0);
  expect(outcomes.ok + outcomes.late).toBeGreaterThan(200);
});

test.concurrent.each([
  ['rpc', 'gateway'],
  ['rpc', 'downstream'],
  ['event', 'publisher'],
  ['event', 'consumer'],
  ['event', 'nats'],
] as const)('on the path %s a paused %s loses nothing and goes on', async (path, target) => {
  const { lost, outcomes, latency, attempts, self, faults } = await runWith('pause', path, target);
  const { asked, took } = faults![0]!;
  expect(lost).toBe(0);
  expect(outcomes.ok + outcomes.late + outcomes.timeout).toBe(600);
  // Nobody did anything meanwhile, so the one who was due when it began waited until it was to end, at least.
  expect(latency?.maxMs).toBeGreaterThan(0.9 * (asked.untilMs - took!.fromMs));
  // What downstream slept through says nothing against the measurement, so that it is left out.
  if (target === 'downstream') expect(self.sleepExcess?.count).toBeLessThan(attempts);
  expect(self.processes.some(({ restarted }) => restarted)).toBe(false);
});

test.concurrent('a variant lasts until downstream is idle, however long the audit takes', async () => {
  const anHourMs = 3_600_000;
  const folder = newFolder();
  // The effects are fetched first of all that is audited.
  const isAudited = () => existsSync(join(folder, 'variants', 'it', 'effects.ndjson'));
  const clock = { ...systemClock, now: () => systemClock.now() + (isAudited() ? anHourMs : 0) };
  const { errors, variants } = await runText(
    `
title: A long audit
deadlineMs: 500
connections: 50
warmup: { requests: 50, concurrency: 10 }
load: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: 1000 } }]
variants: { it: { path: rpc } }
`,
    folder,
    clock,
  );
  expect(errors).toEqual([]);
  expect(variants[0]?.durationMs).toBeGreaterThan(900);
  expect(variants[0]?.durationMs).toBeLessThan(anHourMs);
});

test.concurrent('a run whose drain ends before downstream does is invalid, since the next variant would meet what is left', async () => {
  const { status, validity } = await runText(`
title: Not yet done
deadlineMs: 200
drainMs: 200
connections: 400
warmup: { requests: 100, concurrency: 20 }
load: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: 1000 } }]
downstream: { model: { kind: fixed, latencyMs: 3000 } }
variants: { it: { path: rpc, policies: [{ timeout: { ms: 100 } }] } }
validity: { lagP99Ms: 1000, stallMs: 1000, sleepExcessP99Ms: 1000, reason: counts are compared here and no times }
`);
  expect(status).toBe('invalid');
  const [left] = validity.filter(({ name }) => name === 'attempts still at work');
  expect(left).toMatchObject({ ok: false, limit: 0 });
  expect(left?.measured).toBeGreaterThan(20);
});

test.concurrent('events that are unfinished after the drain are pending, and none of them is lost', async () => {
  const { errors, variants, validity } = await runText(`
title: Too slow
deadlineMs: 300
drainMs: 300
connections: 400
warmup: { requests: 100, concurrency: 50 }
load: [{ arrivals: { kind: constant, ratePerSecond: 400, forMs: 1000 } }]
downstream: { model: { kind: fixed, latencyMs: 20 } }
variants: { it: { path: event, consumer: { concurrency: 2 }, policies: [{ timeout: { ms: 500 } }] } }
`);
  expect(errors).toEqual([]);
  expect(variants[0]?.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(variants[0]?.lost).toBe(0);
  expect(variants[0]?.outcomes.pending).toBeGreaterThan(0);
  // What had been begun when the drain was over was finished; only what waits in the stream was left.
  expect(validity.find(({ name }) => name === 'attempts still at work')?.measured).toBe(0);
});

// After all the others.
test('a run whose load is over before the broker is back goes on once everybody has found it again', async () => {
  const { errors, variants } = await runText(`
title: A late return
deadlineMs: 500
connections: 50
warmup: { requests: 50, concurrency: 10 }
load: [{ arrivals: { kind: replay, atMs: [0] } }]
variants: { it: { path: rpc }, events: { path: event } }
faults: [{ name: crash, atMs: 50, forMs: 150, target: nats, fault: { kind: kill } }]
`);
  expect(errors).toEqual([]);
  expect(variants.map(({ ledger }) => ledger.balanced)).toEqual([true, true]);
});

test('a run with a crash leaves nothing in the temp folder', async () => {
  await pool.stop();
  expect(readdirSync(temporary)).toEqual([]);
});
