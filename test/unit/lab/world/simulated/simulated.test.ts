import { expect, test } from 'vitest';
import type { Overheads } from '#lab/world/simulation.ts';
import { offer } from './rig.ts';

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

test('requests beyond the connections get further ones, since memory has no limit of sockets', async () => {
  const slow = '{ path: rpc, downstream: { model: { kind: fixed, latencyMs: 150 } } }';
  const { lines } = await offer(slow, { connections: 1, requests: 4 });
  const outcomes = lines.map((line) => line.split(',')).toSorted(([a], [b]) => Number(a) - Number(b));
  expect(outcomes.map((fields) => fields[4])).toEqual(['late', 'late', 'late', 'late']);
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
  expect(reports).toEqual(['started 20', ...[230, 480].map((ms) => `progress ${ms}`)]);
  expect(summary).toMatchObject({ offered: 6, cpuMs: 0, rssPeakBytes: 0, stalled: { stalls: [] } });
});

test('control ports refuse what is not simulated', async () => {
  const { controls } = await offer(plain);
  await expect(controls.downstream.request('PUT', '/other/f')).rejects.toThrow('not simulated: PUT /other/f');
});
