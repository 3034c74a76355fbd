import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { conductAlone } from '#lab/conduct/alone.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import { type ExperimentFile, parseExperiment, readExperiment } from '#lab/experiment/read.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { simulated as simulatedWorld } from '#lab/world/simulated/world.ts';
import type { Overheads } from '#lab/world/simulation.ts';
import { measuredIn, valuesOf } from '#test/support/figures.ts';
import { testFolder } from '#test/support/folder.ts';
import { simulated as simulatedIn } from '#test/support/simulated.ts';

/** Simulates variants of 01; resolves with the folder and the result. */
const simulated = (only: string[], seed = 1, overheads: Overheads = {}, signal?: AbortSignal) =>
  simulatedFile(readExperiment('01', { seed }, only), overheads, signal);

async function simulatedFile(file: ExperimentFile, overheads: Overheads = {}, signal?: AbortSignal) {
  const options = { overheads, ...(signal && { signal }) };
  return await simulatedIn(file, testFolder(), options);
}

const only = (result: Result) => measuredIn(result)[0]!;

/**
 * Means of ten seeds of the reference model of 01: completed, errors, rejected, retries, attempt timeouts, p50, p99 and
 * goodput in 250 ms, 1 s, 2 s and 5 s. For events p99 is left out, since their order differs from that of the model.
 */
const reference: Readonly<Record<string, readonly (number | null)[]>> = {
  'rpc-retries-bulkhead-40': [1990, 10, 0, 793, 0, 1176, 2620, 0.1, 0.43, 0.75, 0.99],
  'rpc-bulkhead-40': [1422, 578, 0, 0, 0, 834, 1614, 0.1, 0.44, 0.71, 0.71],
  'rpc-nothing': [51, 1949, 0, 0, 1921, null, null, 0.03, 0.03, 0.03, 0.03],
  'events-16': [2000, 0, 0, 105, 0, 526, null, 0.23, 0.96, 1, 1],
  'events-48': [1937, 63, 0, 1315, 0, 1646, null, 0.07, 0.3, 0.59, 0.97],
};

test('simulate agrees with the reference model', async () => {
  const { result } = await simulated(Object.keys(reference));
  for (const { name, goodputByDeadline, ...values } of measuredIn(result)) {
    const { completed, errors, rejected, retries, attemptTimeouts, p50, p99 } = values;
    const goodput = [250, 1000, 2000, 5000].map(
      (ms) => goodputByDeadline.find(({ deadlineMs }) => deadlineMs === ms)!.goodput,
    );
    const figures = [...[completed, errors, rejected, retries, attemptTimeouts], ...[p50, p99, ...goodput]];
    for (const [index, expected] of reference[name]!.entries()) {
      if (expected === null) continue;
      // One seed is compared with a mean: four standard deviations of a count, or 10 %.
      const within = index < 7 ? Math.max(0.1 * expected, 4 * Math.sqrt(expected), 1) : 0.05;
      const distance = Math.abs(figures[index]! - expected);
      expect(distance, `${name}: ${figures[index]} instead of ${expected}`).toBeLessThanOrEqual(within);
    }
  }
});

test('simulate leaves evidence from which its overhead is fitted, also where timeouts cut attempts off', async () => {
  const overhead = { gatewayMs: 2, downstreamMs: 3, publishMs: 5, deliverMs: 4 };
  const { result } = await simulated(['rpc-nothing'], 1, overhead);
  // The hop to downstream is fitted from answers, which pass half of each hop.
  expect(only(result).self.overhead).toEqual({
    gatewayMs: expect.closeTo(2, 3),
    downstreamMs: expect.closeTo(2.5, 3),
  });
});

test('simulate ends when it is interrupted, with a result', async () => {
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  const { result } = await simulated(['rpc-nothing'], 1, {}, stop.signal);
  expect(result).toMatchObject({ status: 'interrupted', simulated: true, variants: [] });
});

/** Writes and reads an experiment whose downstream takes 20 ms. */
const written = (rest: string): ExperimentFile =>
  writtenAs(`title: small\ndeadlineMs: 100\ndownstream: { model: { kind: fixed, latencyMs: 20 } }\n${rest}`);

function writtenAs(text: string): ExperimentFile {
  const file = join(testFolder(), 'small.yaml');
  writeFileSync(file, text);
  return readExperiment(file);
}

const load = 'load: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: 3000 } }]\n';

test('simulate restarts killed processes, which lose their counters but not their effects', async () => {
  const faults = `faults:
  - { name: kill-gateway, atMs: 500, forMs: 330, target: gateway, fault: { kind: kill } }
  - { name: kill-downstream, atMs: 1000, forMs: 330, target: downstream, fault: { kind: kill } }
  - { name: pause, atMs: 2000, forMs: 300, target: downstream, fault: { kind: pause } }
  - { name: stop, atMs: 2500, forMs: 130, target: gateway, fault: { kind: stop } }
`;
  const file = written(`${load}${faults}variants: { calls: { path: rpc } }\n`);
  const { result } = await simulatedFile(file);
  expect(result.errors).toEqual([]);
  const calls = only(result);
  // 25 requests find no process after a kill, and 15 after the stop. A kill breaks another one in flight, which a killed
  // downstream fails and a killed gateway leaves unknown. Work that begins or ends from 2 s to 2.2 s is late.
  expect(calls).toMatchObject({ ok: 72, late: 12, failed: 65, unknown: 1 });
  expect(calls.ledger.balanced).toBe(true);
});

test('simulate distributes requests to several processes in turn, and a fault affects one', async () => {
  const faults =
    'faults: [{ name: one, atMs: 1010, forMs: 1000, target: downstream-2, fault: { kind: failure } }]\n';
  const replicas = 'replicas: { gateway: 2, downstream: 2 }\n';
  const { result } = await simulatedFile(
    written(`${load}${faults}${replicas}variants: { calls: { path: rpc } }\n`),
  );
  expect(result.errors).toEqual([]);
  // Half of the 50 requests in the second of the fault fail.
  expect(only(result)).toMatchObject({ ok: 125, failed: 25 });
});

test('simulate leaves nothing of a variant in memory', async () => {
  const clocks = () => queryObjects(VirtualClock, { format: 'count' });
  const ofOtherTests = clocks();
  await simulated(['rpc-guarded']);
  await expect.poll(clocks).toBeLessThanOrEqual(ofOtherTests);
});

const brokerOutage = `
title: The broker dies
deadlineMs: 5000
load: [{ arrivals: { kind: constant, ratePerSecond: 20, forMs: 8000 } }]
downstream: { model: { kind: fixed, latencyMs: 50 } }
faults: [{ name: outage, atMs: 1010, forMs: 5000, target: nats, fault: { kind: kill } }]
variants: { events: { path: event, consumer: { ackWaitMs: 2000 } } }`;

test('conductAlone in slow motion drops the events of an outage that last longer than the slowed timeout', async () => {
  const experiment = parseExperiment(brokerOutage, 'x.yaml');
  for (const slowMotion of [1, 4]) {
    const { signal } = new AbortController();
    const options = { world: simulatedWorld(), signal, slowMotion };
    const alone = await conductAlone(experiment, figureStore(), options);
    const { dropped, p50 } = valuesOf(alone, 'events');
    // 20/s for the 5 s of the outage, without the 2 s for which the publisher tries. The restart takes longer at 1.
    expect(dropped).toBeGreaterThanOrEqual(60);
    expect(dropped).toBeLessThanOrEqual(66);
    expect(p50).toBeCloseTo(50);
  }
});

test('conductAlone repeats stalls, and a process goes on when the last of overlapping stalls ends', async () => {
  const experiment = parseExperiment(
    `
title: A process stands still
deadlineMs: 500
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 2000 } }]
downstream: { model: { kind: fixed, latencyMs: 10 } }
variants: { calls: { path: rpc, policies: [timeout: { ms: 50 }] } }`,
    'x.yaml',
  );
  const stall = { process: 'downstream', cpuMs: 0, cause: 'stopped', requests: 1 } as const;
  const stalls = [
    { ...stall, fromMs: 505, untilMs: 905 },
    { ...stall, fromMs: 605, untilMs: 705 },
  ];
  for (const slowMotion of [1, 2]) {
    const { signal } = new AbortController();
    const options = { world: simulatedWorld({ stalls }), signal, slowMotion };
    const { timeout } = valuesOf(await conductAlone(experiment, figureStore(), options), 'calls');
    // Calls that began from 500 to 860 ms get no answer within 50 ms.
    expect(timeout).toBe(37);
  }
});
