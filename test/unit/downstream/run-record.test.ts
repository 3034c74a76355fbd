import { describe, expect, test } from 'vitest';
import { emptyDistribution } from '#kit/counters.ts';
import { buckets } from '#kit/metrics.ts';
import { rig } from './rig.ts';

const status = {
  leaseMs: 5000,
  variant: 'guarded',
  path: 'rpc',
  phase: 'burst',
  deadlineMs: 500,
  faults: [{ name: 'crash', target: 'gateway', kind: 'kill' }],
  offered: 0,
  ended: {},
};

async function routes() {
  const { control, clock } = await rig();
  const ask = async (method: 'PUT' | 'DELETE', url: string, body?: object) => {
    const answer = await control.inject({ method, url, ...(body && { body }) });
    return { status: answer.statusCode, problems: answer.body === '' ? [] : answer.json().problems };
  };
  /** Resolves with the lines of `/metrics` that begin with `prefix`. */
  const lines = async (prefix: string) =>
    (await control.inject('/metrics')).body.split('\n').filter((line) => line.startsWith(prefix));
  const exported = async (prefix: string) => (await lines(prefix)).filter((line) => !line.endsWith(' 0'));
  return { ask, lines, exported, clock };
}

describe('PUT /run', () => {
  test('exports what a run is at', async () => {
    const { ask, exported } = await routes();
    expect((await ask('PUT', '/run', status)).status).toBe(204);
    expect(await exported('spillway_run')).toEqual(['spillway_run_variant{variant="guarded"} 1']);
    expect(await exported('spillway_load')).toEqual([
      'spillway_load_phase{phase="burst"} 1',
      'spillway_load_deadline_seconds 0.5',
    ]);
    expect(await exported('spillway_fault')).toEqual([
      'spillway_fault_active{fault="crash",target="gateway",kind="kill"} 1',
    ]);
  });

  test('exports the faults of the run beside its own, and one that is both once', async () => {
    const { ask, exported } = await routes();
    await ask('PUT', '/faults/slow', { leaseMs: 1000, fault: { kind: 'failure' } });
    const slow = { name: 'slow', target: 'downstream', kind: 'failure' };
    await ask('PUT', '/run', { ...status, faults: [...status.faults, slow] });
    expect(await exported('spillway_fault')).toEqual([
      'spillway_fault_active{fault="slow",target="downstream",kind="failure"} 1',
      'spillway_fault_active{fault="crash",target="gateway",kind="kill"} 1',
    ]);
  });

  test('counts what was offered and what ended, for each variant', async () => {
    const { ask, exported } = await routes();
    await ask('PUT', '/run', status);
    await ask('PUT', '/run', { ...status, offered: 10, ended: { ok: 4 } });
    await ask('PUT', '/run', { ...status, offered: 20, ended: { ok: 5, late: 2 } });
    await ask('PUT', '/run', { ...status, variant: 'other' });
    await ask('PUT', '/run', { ...status, variant: 'other', offered: 3, ended: { ok: 1 } });
    expect(await exported('spillway_load_offered')).toEqual([
      'spillway_load_offered_total{path="rpc",variant="guarded"} 20',
      'spillway_load_offered_total{path="rpc",variant="other"} 3',
    ]);
    expect(await exported('spillway_load_requests')).toEqual([
      'spillway_load_requests_total{path="rpc",variant="guarded",outcome="ok"} 5',
      'spillway_load_requests_total{path="rpc",variant="guarded",outcome="late"} 2',
      'spillway_load_requests_total{path="rpc",variant="other",outcome="ok"} 1',
    ]);
  });

  test('counts latencies, for each variant', async () => {
    const { ask, exported } = await routes();
    const latencies = (fast: number, slow: number) => {
      const { counts } = emptyDistribution(buckets);
      return { counts: [fast, ...counts.slice(1)], sum: fast / 1000 + 60 * slow, count: fast + slow };
    };
    await ask('PUT', '/run', status);
    await ask('PUT', '/run', { ...status, latencies: latencies(4, 0) });
    await ask('PUT', '/run', { ...status, latencies: latencies(5, 1) });
    const name = 'spillway_load_latency_seconds';
    const labels = 'path="rpc",variant="guarded"';
    const lines = await exported(name);
    expect(lines).toContain(`${name}_bucket{le="30.5",${labels}} 5`);
    expect(lines).toContain(`${name}_count{${labels}} 6`);
    expect(lines).toContain(`${name}_sum{${labels}} 60.005`);
  });

  test('holds until its lease is over, and what was counted stays', async () => {
    const { ask, lines, exported, clock } = await routes();
    await ask('PUT', '/run', status);
    await ask('PUT', '/run', { ...status, offered: 10 });
    await clock.advance(4999);
    expect(await exported('spillway_run')).toHaveLength(1);
    await clock.advance(1);
    for (const prefix of ['spillway_run', 'spillway_fault', 'spillway_load_phase', 'spillway_load_deadline'])
      expect(await lines(prefix)).toEqual([]);
    expect(await exported('spillway_load_offered')).toEqual([
      'spillway_load_offered_total{path="rpc",variant="guarded"} 10',
    ]);
    expect(clock.pending).toBe(0);
  });
});

test.each([
  ['no lease', { leaseMs: undefined }, ''],
  ['a lease without end', { leaseMs: 1e9 }, '/leaseMs'],
  ['an unknown path', { path: 'smtp' }, '/path'],
  ['an unknown outcome', { ended: { good: 1 } }, '/ended/good'],
  ['too many faults', { faults: Array(101).fill(status.faults[0]) }, '/faults'],
  ['a name without end', { variant: 'x'.repeat(256) }, '/variant'],
])('PUT /run refuses %s', async (_sentence, change, pointer) => {
  const { ask, exported } = await routes();
  const answer = await ask('PUT', '/run', { ...status, ...change });
  expect(answer.status).toBe(400);
  expect(answer.problems.map((problem: { pointer: string }) => problem.pointer)).toContain(pointer);
  expect(await exported('spillway_run')).toEqual([]);
});

test('DELETE /run ends it, and leaves no timer', async () => {
  const { ask, exported, clock } = await routes();
  await ask('PUT', '/run', status);
  expect((await ask('DELETE', '/run')).status).toBe(204);
  expect(await exported('spillway_run')).toEqual([]);
  expect(clock.pending).toBe(0);
});
