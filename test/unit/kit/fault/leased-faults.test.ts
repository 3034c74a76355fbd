import type { TObject } from 'typebox';
import { expect, test } from 'vitest';
import { serially } from '#kit/clock.ts';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import { exportFaults, LeasedFaults } from '#kit/fault/leased-faults.ts';
import { Metrics } from '#kit/metrics.ts';
import { Type } from '#kit/schema/type.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

const kind = (more: Partial<FaultKind<TObject>> = {}): FaultKind<TObject> => ({
  options: Type.Object({}),
  state: 'x',
  ...more,
});
const kinds = {
  plain: kind(),
  bad: kind({ problems: () => [{ pointer: '/by', message: 'is bad' }] }),
};

/** Creates faults that record their begin and end in `log`. `end` may throw. */
function rig(end: (name: string) => void | Promise<void> = () => undefined) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const failures: string[] = [];
  const faults = new LeasedFaults<{ kind: string }>(
    kinds,
    {
      begin: ({ name }, leaseMs) => void log.push(`${name} for ${leaseMs} at ${clock.now()}`),
      end: ({ name }) => {
        log.push(`${name} over at ${clock.now()}`);
        return end(name);
      },
      change: serially(),
    },
    clock,
    (error) => failures.push((error as Error).message),
  );
  const begin = (name: string, leaseMs = 100, fault = 'plain', target?: string) =>
    faults.begin({ name, fault: { kind: fault }, ...(target && { target }) }, leaseMs);
  return { clock, log, failures, faults, begin };
}

test('LeasedFaults last until their lease is over', async () => {
  const { clock, log, faults, begin } = rig();
  await begin('a');
  await clock.advance(99);
  expect(faults.list()).toEqual([{ name: 'a', leftMs: 1, kind: 'plain' }]);
  await clock.advance(1);
  expect([log, faults.list()]).toEqual([['a for 100 at 0', 'a over at 100'], []]);
});

test('LeasedFaults last until they are cleared, once, and leave no timer', async () => {
  const { clock, log, faults, begin } = rig();
  for (const name of ['a', 'b', 'c']) await begin(name);
  for (const name of ['x', 'a', 'a']) await faults.end(name);
  expect(faults.list().map(({ name }) => name)).toEqual(['b', 'c']);
  await faults.clear();
  expect(log.slice(3)).toEqual(['a over at 0', 'b over at 0', 'c over at 0']);
  expect([faults.list(), clock.pending]).toEqual([[], 0]);
});

test('LeasedFaults give a name to the latest fault, with its lease', async () => {
  const { clock, log, faults, begin } = rig();
  await begin('a');
  await clock.advance(50);
  await begin('a');
  await clock.advance(99);
  expect(log).toEqual(['a for 100 at 0', 'a over at 50', 'a for 100 at 50']);
  expect(faults.list()).toMatchObject([{ name: 'a', leftMs: 1 }]);
});

test.each(['throws', 'rejects'])(
  'LeasedFaults whose end %s are ended again every 250 ms, reported once',
  async (how) => {
    const { clock, log, faults, failures, begin } = rig(() => {
      const error = clock.now() < 600 ? new Error('not yet') : undefined;
      if (error && how === 'throws') throw error;
      return error && Promise.reject(error);
    });
    await begin('a');
    await clock.advance(200);
    expect(faults.list()).toMatchObject([{ name: 'a', leftMs: 0 }]);
    await clock.run();
    expect(log.slice(1)).toEqual([100, 350, 600].map((ms) => `a over at ${ms}`));
    expect(failures).toEqual(['not yet']);
    expect([faults.list(), clock.pending]).toEqual([[], 0]);
  },
);

test('LeasedFaults are not ended again once they are cleared, or replaced', async () => {
  let isStuck = true;
  const { clock, log, faults, begin } = rig(() => {
    if (isStuck) throw new Error('stuck');
  });
  for (const name of ['a', 'b']) await begin(name);
  await clock.advance(100);
  isStuck = false;
  await faults.end('a');
  await begin('b', 1000);
  log.length = 0;
  await clock.advance(999);
  expect(log).toEqual([]);
  await clock.advance(1);
  expect(log).toEqual(['b over at 1100']);
});

test('LeasedFaults clear all that can be cleared, and name the others', async () => {
  const { faults, begin } = rig((name) => {
    if (name === 'stuck') throw new Error('it is stuck');
  });
  for (const name of ['a', 'stuck', 'b']) await begin(name);
  await expect(faults.clear()).rejects.toThrow('stuck could not be cleared: it is stuck');
  expect(faults.list()).toMatchObject([{ name: 'stuck' }]);
});

test.each<[string, Parameters<ReturnType<typeof rig>['begin']>, string | undefined]>([
  ['of another target', ['b', 100, 'plain', 'elsewhere'], undefined],
  ['beside one of its kind', ['b', 100, 'plain'], undefined],
  ['whose options contradict each other', ['b', 100, 'bad'], '/fault/by: is bad'],
])('LeasedFaults check a fault %s', async (_sentence, more, problem) => {
  const { log, begin } = rig();
  await begin('a');
  const begun = begin(...more);
  if (problem === undefined) await begun;
  else {
    await expect(begun).rejects.toThrow(problem);
    expect(log).toHaveLength(1);
  }
});

test('exportFaults exports the active faults at each scrape, and no fault that is over', async () => {
  const metrics = new Metrics();
  let active = [{ name: 'slow', target: 'downstream', kind: 'latency' }];
  exportFaults(metrics, () => active);
  const exported = async () => (await metrics.text()).split('\n').filter((line) => /^[^#]/.test(line));
  expect(await exported()).toEqual([
    'spillway_fault_active{fault="slow",target="downstream",kind="latency"} 1',
  ]);
  active = [];
  expect(await exported()).toEqual([]);
});
