import { expect, test } from 'vitest';
import { FaultOptions } from '#downstream/faults/config.ts';
import { Faults } from '#downstream/faults/faults.ts';
import { Metrics } from '#kit/metrics.ts';
import { drawFor } from '#kit/random.ts';
import { parser } from '#kit/schema/schema.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

const parse = parser(FaultOptions);
const fine = { latencyMs: 20, failed: false };
const slow = { kind: 'latency', added: { kind: 'fixed', ms: 100 } };

function rig() {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const faults = new Faults(clock, metrics, (error) => expect.fail(String(error)));
  return {
    clock,
    faults,
    affects: async () =>
      (await metrics.text()).split('\n').filter((line) => line.startsWith('spillway_fault_affected_total{')),
    begin: (name: string, options: object, leaseMs = 1000) =>
      faults.begin(name, { fault: parse(options) }, leaseMs),
    course: (id = 'r1', attempt = 1) =>
      faults.course(fine, (purpose) => drawFor(7, id, attempt, purpose), id),
  };
}

test('a fault holds until its lease is over', async () => {
  const { clock, faults, begin, course } = rig();
  begin('slow', slow);
  await clock.advance(999);
  expect(course()).toEqual({ latencyMs: 120, failed: false });
  expect(faults.list()).toEqual([{ name: 'slow', leftMs: 1, ratio: 1, ...slow }]);
  await clock.advance(1);
  expect(course()).toEqual(fine);
  expect(faults.list()).toEqual([]);
});

test('a fault for a class strikes requests of that class alone', () => {
  const { faults, begin } = rig();
  begin('slow', { ...slow, class: 'slow' });
  const courses = ['slow', 'quick', undefined].map((ofClass) => faults.course(fine, () => 0, 'r1', ofClass));
  expect(courses.map(({ latencyMs }) => latencyMs)).toEqual([120, 20, 20]);
});

test('a fault holds until it is ended, and leaves no timer', () => {
  const { clock, faults, begin, course } = rig();
  begin('slow', slow);
  faults.end('other');
  expect(faults.list()).toHaveLength(1);
  faults.end('slow');
  expect(course()).toEqual(fine);
  expect(clock.pending).toBe(0);
});

test('a fault takes the place of one of its name, lease included', async () => {
  const { clock, begin, course } = rig();
  begin('slow', slow, 1000);
  await clock.advance(900);
  begin('slow', { kind: 'failure' }, 1000);
  await clock.advance(900);
  expect(course()).toMatchObject({ latencyMs: 20, failed: true });
  expect(clock.pending).toBe(1);
});

test('faults act in the order of their kinds, whichever began first', () => {
  const { begin, course } = rig();
  begin('a', { kind: 'slow-errors', ms: 50 });
  begin('b', { kind: 'failure' });
  expect(course()).toMatchObject({ latencyMs: 70, failed: true });
});

test('clear ends all of them', () => {
  const { clock, faults, begin } = rig();
  begin('a', slow);
  begin('b', { kind: 'failure' });
  faults.clear();
  expect([faults.list(), clock.pending]).toEqual([[], 0]);
});

test('a fault strikes its share of the attempts, the same in every run, and each fault others', () => {
  const affected = (name: string) => {
    const { begin, course } = rig();
    begin(name, { ...slow, ratio: 0.3 });
    return Array.from({ length: 1000 }, (_, i) => course(`r${i}`).latencyMs === 120);
  };
  const first = affected('a');
  const share = first.filter(Boolean).length / 1000;
  expect(Math.abs(share - 0.3)).toBeLessThan(0.05);
  expect(affected('a')).toEqual(first);
  expect(affected('b')).not.toEqual(first);
});

test('brownouts multiply', () => {
  const { faults, begin } = rig();
  begin('a', { kind: 'brownout', capacityFactor: 0.5 });
  begin('b', { kind: 'brownout', capacityFactor: 0.2 });
  expect(faults.inFlight(3)).toBe(30);
});

test('a fault counts whom it strikes, and nobody whom it leaves as he is', async () => {
  const { faults, begin, course, affects } = rig();
  begin('half', { ...slow, ratio: 0.5 });
  begin('chosen', { kind: 'poison', ids: ['r1', 'r2'] });
  begin('late', { kind: 'slow-errors', ms: 50 });
  begin('other', { kind: 'hang', class: 'other' });
  begin('short', { kind: 'brownout', capacityFactor: 0.5 });
  const delayed = Array.from({ length: 100 }, (_, i) => course(`r${i}`)).filter(
    ({ latencyMs, failed }) => latencyMs - (failed ? 50 : 0) === 120,
  );
  faults.clear();
  course('r1');
  expect((await affects()).toSorted()).toEqual(
    [
      `spillway_fault_affected_total{fault="half",kind="latency"} ${delayed.length}`,
      'spillway_fault_affected_total{fault="chosen",kind="poison"} 2',
      'spillway_fault_affected_total{fault="late",kind="slow-errors"} 2',
    ].toSorted(),
  );
});
