import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Clock, systemClock } from '#kit/clock.ts';
import type { Of, VariantRecord } from '#lab/evidence/format.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted, restartedIn, runText } from '#test/support/run-text.ts';

// Vitest executes two tests at a time, since a run mostly waits. The folders are created before TMPDIR changes.
const run = pooledRuns();
let temporary: string;
beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterAll(async () => {
  await run.stop();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

interface Options {
  readonly folder?: string;
  readonly clock?: Clock;
}

const everyMs = 5;
const phaseMs = 1200;
const perPhase = phaseMs / everyMs;
const beginsMs = 300;
const forMs = 300;

type ProcessFault = readonly [kind: 'kill' | 'stop' | 'pause', target: string];

const nameOf = ([kind, target]: ProcessFault) => `${kind}-${target}`;

/** Returns an experiment as text. It has a phase of load per fault; phase and fault have the same name. */
function affected(
  path: 'rpc' | 'event',
  faults: readonly ProcessFault[],
  { drainMs, latencyMs }: Sizes,
): string {
  // Long if a process is stopped, since it must answer all accepted requests, even on a busy machine.
  const timeoutMs = faults.some(([kind]) => kind === 'stop') ? 20_000 : 500;
  return countedExperiment({
    drainMs,
    connections: faults.length * perPhase, // a connection per request, since no request may wait for another
    load: faults.map((each) => ({ name: nameOf(each), ...constant(1000 / everyMs, phaseMs)[0]! })),
    downstream: { model: { kind: 'fixed', latencyMs }, idempotent: path === 'rpc' },
    variants: { it: onPath(path, timeoutMs) },
    faults: faults.map((each, i) => fault(nameOf(each), each[1], [i * phaseMs + beginsMs, forMs], each[0])),
  });
}

interface Sizes {
  readonly drainMs: number;
  readonly latencyMs: number;
}

/** Runs an experiment with a phase per fault. Resolves with the variant, and with the figures of each phase. */
async function runWith(
  path: 'rpc' | 'event',
  faults: readonly ProcessFault[],
  { drainMs = 30_000, latencyMs = 20, ...options }: Options & Partial<Sizes> = {},
) {
  const result = await run(affected(path, faults, { drainMs, latencyMs }), options);
  const variant = accounted(result, faults.length * perPhase);
  const phases = faults.map((each) => {
    const window = variant.windows!.find(({ name }) => name === `phase ${nameOf(each)}`)!;
    const { asked, took } = variant.faults!.find(({ name }) => name === nameOf(each))!;
    expect(window.offered).toBe(perPhase);
    return { ...window, asked, took: took! };
  });
  return { ...variant, phases };
}

// This test comes first, since it takes longest: it waits for a service that can't become ready.
test.concurrent('a fault that is still scheduled does not delay the end of a run in which a process did not restart', async () => {
  let pace = 1;
  const clock = {
    ...systemClock,
    after: (ms: number, callback: () => void) => systemClock.after(ms / pace, callback),
  };
  const start = async (logFolder: string) => {
    const testbed = await startLocal({ logFolder, clock });
    const end = testbed.end.bind(testbed);
    // The testbed waits for the publisher to become ready for 2 s instead of 20.
    testbed.end = async (name, signal) => {
      if (name === 'publisher') pace = 10;
      await end(name, signal);
    };
    return testbed;
  };
  const text = `
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
`;
  const { status, errors, durationMs } = await runText(text, start, { folder: run.newFolder() });
  expect([status, errors]).toMatchObject(['error', [{ name: 'publisher-not-ready' }]]);
  expect(durationMs).toBeLessThan(50_000);
});

test.concurrent('no accepted event is lost where publisher or broker is stopped or killed, and events scheduled meanwhile are dropped', async () => {
  // The drain is short: an event whose publish got no answer stays open until its end.
  const faults = [
    ['stop', 'publisher'],
    ['kill', 'publisher'],
    ['kill', 'nats'],
  ] as const;
  const variant = await runWith('event', faults, { drainMs: 6000 });
  const { lost, outcomes, effects, phases, offered } = variant;
  const { ok, late, dropped, unknown, pending } = outcomes;
  expect([lost, pending]).toEqual([0, 0]);
  expect(ok + late + dropped + unknown).toBe(offered);
  expect(ok + late).toBe(effects.distinct);
  const [stopped, killed] = phases.map((phase) => phase.outcomes);
  // Some events completed that were scheduled at or after the stop.
  expect(stopped!.ok + stopped!.late).toBeGreaterThan(beginsMs / everyMs);
  expect(killed!.dropped).toBeGreaterThan(0);
  // After the publisher's return, only events scheduled while the broker was away are dropped or unknown.
  const back = variant.windows!.find(({ name }) => name === 'after kill-publisher')!.outcomes;
  const { fromMs, untilMs } = phases[2]!.took;
  expect(back.dropped + back.unknown).toBeLessThanOrEqual((untilMs - fromMs) / everyMs);
  expect(restartedIn(variant)).toEqual(['publisher']);
});

test.concurrent('no accepted event is lost where consumer or downstream is stopped or killed, and a kill repeats effects, which are counted', async () => {
  const folder = run.newFolder();
  const faults = [
    ['kill', 'consumer'],
    ['stop', 'consumer'],
    ['kill', 'downstream'],
  ] as const;
  // When the consumer is killed, it is handling ten events: 200 a second for 50 ms each.
  const { lost, outcomes, effects } = await runWith('event', faults, { folder, latencyMs: 50 });
  expect(lost).toBe(0);
  expect(outcomes.ok + outcomes.late).toBe(faults.length * perPhase);
  expect(effects.distinct).toBe(faults.length * perPhase);
  // Downstream completed the work for the events that the killed consumer was handling.
  const repeated = repeatedIn(folder, 'kill-consumer');
  expect(repeated.length).toBeGreaterThan(0);
  expect(effects.duplicates).toBeGreaterThanOrEqual(repeated.length);
});

/** Returns the ids of requests with an effect from before the fault was cleared, and at least one more effect. */
function repeatedIn(folder: string, fault: string): string[] {
  const read = <T>(name: string): T[] =>
    readFileSync(join(folder, 'variants', 'it', name), 'utf8')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : JSON.parse(line)));
  const { endedAtMs } = read<VariantRecord>('evidence.ndjson').find(
    (each): each is Of<'fault'> => each.record === 'fault' && each.name === fault,
  )!;
  const effects = Map.groupBy(read<{ id: string; atMs: number }>('effects.ndjson'), ({ id }) => id);
  return [...effects].flatMap(([id, [first, ...more]]) =>
    more.length > 0 && first!.atMs < endedAtMs ? [id] : [],
  );
}

test.concurrent('calls fail while gateway or downstream is killed, and calls that the killed gateway was handling are unknown', async () => {
  const variant = await runWith('rpc', [
    ['kill', 'gateway'],
    ['kill', 'downstream'],
  ]);
  const [gateway, downstream] = variant.phases;
  const { ok, late, timeout, failed, unknown } = gateway!.outcomes;
  expect(unknown).toBeGreaterThan(0);
  expect(failed).toBeGreaterThan(0);
  expect(ok + late + timeout + failed + unknown).toBe(perPhase);
  const { asked, took } = gateway!;
  expect(variant.faults![0]).toMatchObject({ name: 'kill-gateway', target: 'gateway' });
  expect(asked).toEqual({ fromMs: beginsMs, untilMs: beginsMs + forMs });
  expect(took.fromMs).toBeGreaterThan(beginsMs - 1); // a timer of Node may fire 1 ms early
  expect(took.untilMs).toBeGreaterThan(beginsMs + forMs);
  expect(downstream!.outcomes.failed).toBeGreaterThan(0);
  expect(restartedIn(variant)).toEqual(['gateway', 'downstream']);
});

const anHourMs = 3_600_000;

/** Runs an experiment that stops processes. Its clock jumps by an hour when the audit begins. */
async function runStops() {
  const folder = run.newFolder();
  // The audit begins by writing the effects.
  const isAudited = () => existsSync(join(folder, 'variants', 'it', 'effects.ndjson'));
  const clock = { ...systemClock, now: () => systemClock.now() + (isAudited() ? anHourMs : 0) };
  const faults = [
    ['stop', 'gateway'],
    ['stop', 'downstream'],
  ] as const;
  return await runWith('rpc', faults, { folder, clock });
}

let running: ReturnType<typeof runStops> | undefined;
/** Returns the run with stopped processes, which two tests share. */
const stops = () => (running ??= runStops());

test.concurrent('a stopped gateway or downstream answers all accepted requests', async () => {
  const { outcomes, effects, phases, offered } = await stops();
  const [first] = phases.map((phase) => phase.outcomes);
  expect(first!.ok + first!.late).toBeGreaterThan(0);
  const answered = outcomes.ok + outcomes.late;
  expect(answered + outcomes.failed + outcomes.unknown).toBe(offered);
  // The caller of each effect still waited for the answer.
  expect(effects).toEqual({ distinct: answered, duplicates: 0, wasted: 0 });
});

test.concurrent('a variant lasts until downstream is idle, however long the audit takes', async () => {
  const { durationMs, phases } = await stops();
  expect(durationMs).toBeGreaterThan(0.9 * phases.length * phaseMs);
  expect(durationMs).toBeLessThan(anHourMs);
});

test.concurrent.each([
  ['rpc', ['gateway', 'downstream']],
  ['event', ['publisher', 'consumer', 'nats']],
] as const)(
  'on the path %s each of %j that is paused loses no request and goes on',
  async (path, targets) => {
    const faults = targets.map((target) => ['pause', target] as const);
    const variant = await runWith(path, faults);
    const { lost, outcomes, attempts, self, phases } = variant;
    expect(lost).toBe(0);
    expect(outcomes.ok + outcomes.late + outcomes.timeout).toBe(faults.length * perPhase);
    // A paused process does nothing, so a request scheduled at the start of the pause waited until its end.
    for (const { asked, took, latency } of phases)
      expect(latency?.maxMs).toBeGreaterThan(0.9 * (asked.untilMs - took.fromMs));
    // The sleep excess lacks the time when downstream was paused, since a pause doesn't make the measurement invalid.
    if (path === 'rpc') expect(self.sleepExcess?.count).toBeLessThan(attempts);
    expect(restartedIn(variant)).toEqual([]);
  },
);

// A test that isn't concurrent runs after the concurrent tests.
test('a run whose load is over before the broker is back goes on once every process has reconnected', async () => {
  const { errors, variants } = await run(`
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
  await run.stop();
  expect(readdirSync(temporary)).toEqual([]);
});
