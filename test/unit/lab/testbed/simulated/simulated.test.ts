import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MetricName } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { total } from '#lab/evidence/samples.ts';
import { configsOf } from '#lab/experiment/configs.ts';
import { type Overheads, simulatedTestbed } from '#lab/testbed/simulated/simulated.ts';
import { recordHeader } from '#load/protocol.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';

/** Offers requests 100 ms apart to a dependency that takes 20 ms. */
async function offer(
  variant: string,
  {
    overheads = {},
    connections = 10,
    requests = 1,
    drainMs = 1000,
  }: {
    overheads?: Overheads;
    connections?: number;
    requests?: number;
    drainMs?: number;
  } = {},
) {
  const experiment = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: ${requests * 100} } }]
downstream: { model: { kind: fixed, latencyMs: 20 } }
connections: ${connections}
warmup: { requests: 1, concurrency: 1 }
variants: { calls: ${variant} }
`);
  const clock = new VirtualClock();
  const { controls, generator } = await clock.runUntil(
    simulatedTestbed(experiment, { clock, path: 'rpc', overheads }),
  );
  const { gateway, downstream } = controls;
  const configs = configsOf(experiment, experiment.variants.calls!);
  await gateway.configure(configs.gateway);
  await downstream.configure(configs.downstream);
  const recordFile = join(testFolder(), 'requests.csv');
  const { seed, deadlineMs, load, classes } = experiment;
  const target = { path: 'rpc', url: 'http://gateway', connections } as const;
  const reports: string[] = [];
  const summary = await clock.runUntil(
    generator.run(
      { ...target, seed, deadlineMs, load, classes, drainMs, recordFile },
      {
        started: (atMs) => reports.push(`started ${atMs}`),
        progress: ({ elapsedMs }) => reports.push(`progress ${elapsedMs}`),
        recorded: ({ elapsedMs }) => reports.push(`recorded ${elapsedMs}`),
      },
    ),
  );
  const [header, ...lines] = readFileSync(recordFile, 'utf8').trimEnd().split('\n');
  expect(header).toBe(recordHeader);
  const counted = async (name: MetricName, label = '') => total(await downstream.scrape([name]), name, label);
  return { clock, controls, summary, lines, reports, counted };
}

const plain = '{ path: rpc }';

test.each<[string, Overheads, string]>([
  ['no overhead', {}, '0,0.000,0.000,20.000,ok,200,1'],
  ['an overhead at each hop', { gatewayMs: 2, downstreamMs: 3 }, '0,0.000,0.000,25.000,ok,200,1'],
])('a request with %s takes the time of the model and of the hops', async (_what, overheads, line) => {
  expect((await offer(plain, { overheads })).lines).toEqual([line]);
});

test('a call that its gateway gives up has an effect whose caller is gone, unless downstream abandons it', async () => {
  const timeout = 'policies: [{ timeout: { ms: 5 } }]';
  const abandoning = 'downstream: { abandonOnAbort: true, model: { kind: fixed, latencyMs: 20 } }';
  const waited = await offer(`{ path: rpc, ${timeout} }`);
  await waited.clock.advance(100);
  expect(waited.lines).toEqual(['0,0.000,0.000,5.000,timeout,504,1']);
  expect(await waited.counted('spillway_effects_total', 'caller="gone"')).toBe(1);
  const abandoned = await offer(`{ path: rpc, ${timeout}, ${abandoning} }`);
  await abandoned.clock.advance(100);
  expect(await abandoned.counted('spillway_effects_total')).toBe(0);
  expect(await abandoned.counted('spillway_work_in_flight')).toBe(0);
});

test('requests beyond the connections are unsent, and a connection is used again after its answer', async () => {
  const slow = '{ path: rpc, downstream: { model: { kind: fixed, latencyMs: 150 } } }';
  const { lines } = await offer(slow, { connections: 1, requests: 4 });
  const outcomes = lines.map((line) => line.split(',')).toSorted(([a], [b]) => Number(a) - Number(b));
  expect(outcomes.map((fields) => fields[4])).toEqual(['late', 'unsent', 'late', 'unsent']);
});

test('the end of the drain disconnects callers, so that no attempt follows', async () => {
  const never =
    '{ path: rpc, policies: [{ retry: {} }], downstream: { model: { kind: fixed, latencyMs: 50, failureRatio: 1 } } }';
  const { clock, lines, counted } = await offer(never, { drainMs: 10 });
  expect(lines).toEqual(['0,0.000,0.000,,unknown,0,']);
  await clock.advance(1000);
  expect(await counted('spillway_attempts_total')).toBe(1);
});

test('the generator reports its start and its progress on virtual time, and uses no CPU time', async () => {
  const { reports, summary } = await offer(plain, { requests: 6 });
  expect(reports).toEqual([
    'started 20',
    ...[230, 480].flatMap((ms) => [`progress ${ms}`, `recorded ${ms}`]),
  ]);
  expect(summary).toMatchObject({ offered: 6, cpuMs: 0, rssPeakBytes: 0, stalled: { stalls: [] } });
});

test('control ports refuse what is not simulated yet', async () => {
  const { controls } = await offer(plain);
  await expect(controls.downstream.request('PUT', '/faults/f')).rejects.toThrow(
    'not simulated yet: PUT /faults/f',
  );
});
