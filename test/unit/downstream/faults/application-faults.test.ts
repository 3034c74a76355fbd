import { expect, test } from 'vitest';
import { faultsOf } from '#downstream/faults/application-faults.ts';
import { ApplicationFaultOptions } from '#downstream/faults/config.ts';
import { Metrics } from '#kit/metrics.ts';
import { drawFor } from '#kit/random.ts';
import { parser } from '#kit/schema/parser.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

const parse = parser(ApplicationFaultOptions);
const fine = { latencyMs: 20, failed: false };
const slow = { kind: 'latency', added: { kind: 'fixed', ms: 100 } };

function rig() {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const faults = faultsOf(clock, metrics, (error) => expect.fail(String(error)));
  return {
    clock,
    faults,
    affects: async () =>
      (await metrics.text()).split('\n').filter((line) => line.startsWith('spillway_fault_affected_total{')),
    begin: (name: string, options: object, leaseMs = 1000) =>
      faults.leased.begin({ name, fault: parse(options) }, leaseMs),
    outcomeOf: (id = 'r1', attempt = 1) =>
      faults.outcome(fine, (purpose) => drawFor(7, id, attempt, purpose), id),
  };
}

test('a fault affects attempts until its lease is over', async () => {
  const { clock, faults, begin, outcomeOf } = rig();
  await begin('slow', slow);
  await clock.advance(999);
  expect(outcomeOf()).toEqual({ latencyMs: 120, failed: false });
  expect(faults.leased.list()).toEqual([{ name: 'slow', leftMs: 1, ratio: 1, ...slow }]);
  await clock.advance(1);
  expect(outcomeOf()).toEqual(fine);
  expect(faults.leased.list()).toEqual([]);
});

test('a fault for a class affects requests of that class alone', async () => {
  const { faults, begin } = rig();
  await begin('slow', { ...slow, class: 'slow' });
  const outcomes = ['slow', 'quick', undefined].map((ofClass) =>
    faults.outcome(fine, () => 0, 'r1', ofClass),
  );
  expect(outcomes.map(({ latencyMs }) => latencyMs)).toEqual([120, 20, 20]);
});

test('faults act in the order of their kinds, whichever began first', async () => {
  const { begin, outcomeOf } = rig();
  await begin('a', { kind: 'slow-errors', ms: 50 });
  await begin('b', { kind: 'failure' });
  expect(outcomeOf()).toMatchObject({ latencyMs: 70, failed: true });
});

test('a fault affects its share of the attempts, the same in every run, and each fault others', async () => {
  const affected = async (name: string) => {
    const { begin, outcomeOf } = rig();
    await begin(name, { ...slow, ratio: 0.3 });
    return Array.from({ length: 1000 }, (_, i) => outcomeOf(`r${i}`).latencyMs === 120);
  };
  const first = await affected('a');
  const share = first.filter(Boolean).length / 1000;
  expect(Math.abs(share - 0.3)).toBeLessThan(0.05);
  expect(await affected('a')).toEqual(first);
  expect(await affected('b')).not.toEqual(first);
});

test('a fault counts the attempts that it affects, and no others', async () => {
  const { faults, begin, outcomeOf, affects } = rig();
  await begin('half', { ...slow, ratio: 0.5 });
  await begin('chosen', { kind: 'poison', ids: ['r1', 'r2'] });
  await begin('late', { kind: 'slow-errors', ms: 50 });
  await begin('other', { kind: 'hang', class: 'other' });
  await begin('short', { kind: 'brownout', capacityFactor: 0.5 });
  const delayed = Array.from({ length: 100 }, (_, i) => outcomeOf(`r${i}`)).filter(
    ({ latencyMs, failed }) => latencyMs - (failed ? 50 : 0) === 120,
  );
  await faults.leased.clear();
  outcomeOf('r1');
  expect((await affects()).toSorted()).toEqual(
    [
      `spillway_fault_affected_total{fault="half",kind="latency"} ${delayed.length}`,
      'spillway_fault_affected_total{fault="chosen",kind="poison"} 2',
      'spillway_fault_affected_total{fault="late",kind="slow-errors"} 2',
    ].toSorted(),
  );
});
