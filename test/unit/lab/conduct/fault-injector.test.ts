import { describe, expect, test } from 'vitest';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Fault } from '#lab/experiment/schema.ts';
import { fault, ran, setUp } from '../experiment/faults/rig.ts';

test.each<{ options: (typeof fault)['fault']; expected: string[] }>([
  { options: { kind: 'kill' }, expected: ['SIGKILL at 100', 'gateway {"seed":7} at 150'] },
  { options: { kind: 'stop' }, expected: ['SIGTERM at 100', 'gateway {"seed":7} at 150'] },
  {
    options: { kind: 'pause' },
    expected: ['paused gateway at 100', 'resumed gateway at 150', 'gateway caught up at 150'],
  },
])('$options.kind begins at its time, and is cleared at its end', async ({ options, expected }) => {
  const { log } = await ran({ fault: { ...fault, fault: options } });
  expect(log.filter((line) => !line.startsWith('scraped'))).toEqual(expected);
});

test('in a control each has its time and does nothing', async () => {
  const active: (readonly Fault[])[] = [];
  const { log, faults } = await ran({ withoutFaults: true, changed: (faults) => active.push(faults) });
  expect(await faults.ended()).toEqual([{ fault, state: 'left alone', beganAtMs: 100, endedAtMs: 150 }]);
  expect([log, active]).toEqual([[], []]);
});

test('a process that is stopped is so from the signal on, and is started again once it has finished its work', async () => {
  const stop: Fault = { ...fault, fault: { kind: 'stop' } };
  const { log, faults } = await ran({ fault: stop, kill: (clock) => sleep(200, clock) });
  expect(log).toEqual(['scraped at 100', 'gateway {"seed":7} at 300']);
  expect(await faults.ended()).toEqual([{ fault: stop, state: 'stopped', beganAtMs: 100, endedAtMs: 300 }]);
});

test('a process that can not be stopped ends the run, and is started all the same, and is no fault any more', async () => {
  const stop: Fault = { ...fault, fault: { kind: 'stop' } };
  const active: number[] = [];
  const { clock, log, faults } = setUp({
    fault: stop,
    kill: () => Promise.reject(new Error('no such process')),
    changed: ({ length }) => active.push(length),
  });
  faults.begin(0);
  await clock.advance(100);
  await expect(faults.failed).rejects.toThrow('no such process');
  expect(log).toEqual(['scraped at 100', 'gateway {"seed":7} at 100']);
  expect(active).toEqual([1, 0]);
});

describe('a fault that downstream injects itself', () => {
  const own: Fault = { ...fault, target: 'downstream', fault: { kind: 'hang', ratio: 0.5 } };

  test('is requested with its lease, and ended', async () => {
    const { log } = await ran({ fault: own });
    // The lab doesn't scrape downstream's counters first, since a scrape would delay the fault.
    expect(log).toEqual([
      'PUT /faults/crash {"leaseMs":50,"fault":{"kind":"hang","ratio":0.5}} at 100',
      'DELETE /faults/crash undefined at 150',
    ]);
  });

  test.each([
    ['did not take', () => '[]'],
    ['did not end', () => '[{"name":"crash"}]'],
  ])('ends the run when it %s', async (sentence, answer) => {
    const { clock, faults } = setUp({ fault: own, answer });
    faults.begin(0);
    const failed = expect(faults.failed).rejects.toMatchObject({
      name: 'fault-failed',
      message: `the fault crash ${sentence}`,
    });
    await clock.advance(1000);
    await failed;
  });

  test('is cleared even if it was not seen to become active', async () => {
    const asked: string[] = [];
    const answer = (method: string) => {
      asked.push(method);
      if (method === 'PUT') throw new Error('the answer was lost');
      return '[]';
    };
    const { clock, faults } = setUp({ fault: own, answer });
    faults.begin(0);
    await clock.advance(100);
    await expect(faults.failed).rejects.toThrow('the answer was lost');
    expect([asked, await faults.stop()]).toEqual([['PUT', 'DELETE'], []]);
  });
});

test('a fault of the leader waits for the end of an election, and affects that server only', async () => {
  const kill: Fault = { ...fault, target: 'nats-leader', fault: { kind: 'kill' } };
  const { log, faults } = await ran({ fault: kill, servers: 3, leaders: [undefined, 'nats-2', 'nats-3'] });
  expect(await faults.ended()).toMatchObject([{ servers: ['nats-2'], beganAtMs: 120 }]);
  expect(log).toEqual(['SIGKILL at 120', expect.stringMatching(/^nats-2 \{"servers":3.* at 150$/)]);
});

test('a fault of a leader that there is not ends the run', async () => {
  const { clock, log, faults } = setUp({
    fault: { ...fault, target: 'nats-leader', fault: { kind: 'kill' } },
    servers: 3,
  });
  faults.begin(0);
  const failed = expect(faults.failed).rejects.toMatchObject({ name: 'no-leader' });
  await clock.advance(31_000);
  await failed;
  expect(log).toEqual([]);
});

test('a fault of all servers affects each of them', async () => {
  const { log } = await ran({ fault: { ...fault, target: 'nats', fault: { kind: 'pause' } }, servers: 3 });
  const each = (what: string) => [1, 2, 3].map((number) => `${what.replace('nats', `nats-${number}`)}`);
  expect(log).toEqual([...each('paused nats at 100'), ...each('resumed nats at 150')]);
});

describe('FaultInjector', () => {
  test('injects after the load has begun, scrapes the target, and clears', async () => {
    const { clock, log, faults } = setUp();
    await clock.advance(1000);
    expect(log).toEqual([]);
    faults.begin(1000);
    await clock.advance(1000);
    expect(log).toEqual(['scraped at 1100', 'SIGKILL at 1100', 'gateway {"seed":7} at 1150']);
    expect(await faults.ended()).toEqual([{ fault, state: 'killed', beganAtMs: 1100, endedAtMs: 1150 }]);
  });

  test('waits 250 ms for a target that does not report its counters, and goes on', async () => {
    const { clock, log, faults } = setUp({
      scrape: async (_names, withinMs = 0) => {
        await sleep(withinMs, clock);
        throw new Error('too late');
      },
    });
    faults.begin(0);
    await clock.advance(1000);
    expect(log).toEqual(['SIGKILL at 350', 'gateway {"seed":7} at 350']);
  });

  test('clears at once when it is stopped', async () => {
    const { clock, log, faults } = setUp();
    faults.begin(0);
    await clock.advance(110);
    expect(await faults.stop()).toEqual([]);
    expect(log.at(-1)).toBe('gateway {"seed":7} at 110');
  });

  test('injects nothing after an interruption', async () => {
    const { clock, log, faults, run } = setUp();
    faults.begin(0);
    run.abort();
    await clock.advance(1000);
    expect(log).toEqual([]);
    expect(await faults.ended()).toEqual([]);
  });

  test('fails before a fault is cleared, and reports the error of that when it is stopped', async () => {
    const { clock, faults } = setUp({
      kill: () => Promise.reject(new Error('no such process')),
      restart: (clock) => sleep(500, clock).then(() => Promise.reject(new Error('no port'))),
    });
    faults.begin(0);
    await clock.advance(100);
    await expect(faults.failed).rejects.toThrow('no such process');
    const stopped = faults.stop();
    await clock.advance(500);
    expect(await stopped).toEqual([new Error('no port')]);
    await expect(faults.ended()).rejects.toThrow('no such process');
  });
});

describe('of two faults of one target', () => {
  test('the later one waits until the one before is cleared, and for no other target', async () => {
    const pause: Fault = { ...fault, name: 'freeze', atMs: 160, forMs: 500, fault: { kind: 'pause' } };
    const { clock, log, faults } = setUp({
      faults: [pause, { ...pause, name: 'other', target: 'consumer' }, fault],
      restart: (clock) => sleep(200, clock),
      scrape: async () => undefined,
    });
    faults.begin(0);
    await clock.advance(1000);
    expect(log.filter((line) => !line.includes('caught up'))).toEqual([
      'SIGKILL at 100',
      'paused consumer at 160',
      'gateway {"seed":7} at 350',
      'paused gateway at 350',
      'resumed consumer at 660',
      'resumed gateway at 660',
    ]);
    const began = (await faults.ended()).map((one) => [one.fault.name, one.beganAtMs]);
    expect(Object.fromEntries(began)).toEqual({ crash: 100, freeze: 350, other: 160 });
  });

  test('the later one does not begin if the one before could not be cleared', async () => {
    const { clock, log, faults } = setUp({
      faults: [fault, { ...fault, name: 'again', atMs: 150 }],
      restart: () => Promise.reject(new Error('no port')),
    });
    faults.begin(0);
    const failed = expect(faults.failed).rejects.toThrow('no port');
    await clock.advance(1000);
    await failed;
    expect(log.filter((line) => line.startsWith('SIGKILL'))).toEqual(['SIGKILL at 100']);
  });
});

const replicas = { consumer: 3, downstream: 2 };
const consumers: Fault = { ...fault, target: 'consumer' };

test('a fault of a service affects all of its processes at once', async () => {
  const { log } = await ran({ replicas, fault: consumers });
  expect(log.filter((line) => line.startsWith('consumer'))).toEqual(
    [1, 2, 3].map((index) => `consumer-${index} {} at 150`),
  );
  expect(log.filter((line) => line === 'SIGKILL at 100')).toHaveLength(3);
});

test('a fault of a service affects none of them before the last has been scraped', async () => {
  const { clock, log, faults } = setUp({
    replicas,
    fault: consumers,
    scrape: (names, withinMs) => sleep(names?.[0] === 'consumer-2' ? withinMs! : 0, clock),
  });
  faults.begin(0);
  await clock.advance(1000);
  expect(log.filter((line) => line.startsWith('SIGKILL'))).toEqual(Array(3).fill('SIGKILL at 350'));
});

test('a fault of a service is active until all of its processes are cleared', async () => {
  const reported: string[] = [];
  let waitMs = 0;
  const later = (clock: Clock) => {
    waitMs += 10;
    return sleep(waitMs, clock);
  };
  const { clock, faults } = setUp({
    replicas,
    fault: consumers,
    kill: later,
    restart: later,
    changed: (active) => reported.push(`${active.map(({ name }) => name)} at ${clock.now()}`),
  });
  faults.begin(0);
  await clock.advance(1000);
  expect(await faults.ended()).toEqual([
    { fault: consumers, state: 'killed', beganAtMs: 130, endedAtMs: 210 },
  ]);
  // The fault is active as long as it affects at least one process.
  expect(reported).toEqual([110, 120, 130, 190, 200].map((ms) => `crash at ${ms}`).concat(' at 210'));
});

test('a fault of a service clears them all if one of them can not be affected, and fails', async () => {
  let kills = 0;
  const { clock, log, faults } = setUp({
    replicas,
    fault: consumers,
    kill: async () => {
      kills += 1;
      if (kills === 2) throw new Error('no such process');
    },
  });
  faults.begin(0);
  await clock.advance(100);
  await expect(faults.failed).rejects.toThrow('no such process');
  expect(await faults.stop()).toEqual([]);
  const cleared = [1, 2, 3].map((index) => `consumer-${index} {} at 100`);
  expect(log.filter((line) => line.startsWith('consumer')).sort()).toEqual(cleared);
});

test('a fault of a service waits until one before is cleared of each of its processes, and one of them alone not for another', async () => {
  const again = (name: string, target: Fault['target']): Fault =>
    ({ ...fault, name, target, atMs: 160 }) as Fault;
  const { clock, faults } = setUp({
    replicas,
    faults: [
      { ...fault, target: 'consumer-1' },
      again('all', 'consumer'),
      again('same', 'consumer-1'),
      again('other', 'consumer-2'),
    ],
    restart: (clock) => sleep(200, clock),
  });
  faults.begin(0);
  await clock.advance(2000);
  const began = (await faults.ended()).map((one) => [one.fault.name, one.beganAtMs]);
  expect(Object.fromEntries(began)).toEqual({ crash: 100, all: 350, same: 350, other: 160 });
});
