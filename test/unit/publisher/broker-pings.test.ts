import { expect, test } from 'vitest';
import type { Stalled } from '#kit/stalls.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { pingBroker } from '#publisher/broker-pings.ts';

/** Starts `pingBroker` on virtual time, with a broker that answers each PING at once, unless it is stopped. */
function rig() {
  const clock = new VirtualClock();
  const state = { isConnected: true, stopped: undefined as PromiseWithResolvers<void> | undefined, pings: 0 };
  // While a process is stopped, its clock goes on and its timers are late. The test sets by how much.
  let lateMs = 0;
  const own = {
    now: () => clock.now() + lateMs,
    after: (ms: number, callback: () => void) => clock.after(ms, callback),
    cancel: (timer: unknown) => clock.cancel(timer),
    wallTime: () => clock.wallTime(),
  };
  const flush = async () => {
    state.pings += 1;
    await state.stopped?.promise;
  };
  const pings = pingBroker({ flush }, () => state.isConnected, own);
  return {
    clock,
    state,
    pings,
    async brokerStops(ms: number, end: 'goes on' | 'breaks' = 'goes on') {
      const stopped = Promise.withResolvers<void>();
      state.stopped = stopped;
      await clock.advance(ms);
      state.stopped = undefined;
      if (end === 'breaks') stopped.reject(new Error('connection disconnected'));
      else stopped.resolve();
      await clock.advance(0);
    },
    processStops: (ms: number) => {
      lateMs += ms;
    },
  };
}

const spans = ({ stalls }: Stalled) =>
  stalls.map(({ process, fromMs, untilMs }) => [process, untilMs - fromMs]);

test.each([0, 1, 19, 20, 39, 59])(
  'pingBroker records a stop of the broker for 110 ms that begins %d ms after a PING',
  async (afterMs) => {
    const { clock, pings, brokerStops } = rig();
    await clock.advance(200 + afterMs);
    await brokerStops(110);
    await clock.advance(300);
    const { stalls, complete } = pings.since(0);
    expect([stalls.length, complete]).toEqual([1, true]);
    expect(stalls[0]).toMatchObject({ process: 'broker', untilMs: 310 + afterMs, cpuMs: 0 });
    expect(310 + afterMs - stalls[0]!.fromMs).toBeGreaterThanOrEqual(110);
  },
);

test('pingBroker reports a stop that still lasts', async () => {
  const { clock, state, pings } = rig();
  await clock.advance(100);
  state.stopped = Promise.withResolvers();
  await clock.advance(500);
  expect(spans(pings.since(0))).toEqual([['broker', expect.closeTo(500, -2)]]);
});

test.each(['before', 'in'])('pingBroker takes no stop of its process %s a PING for one', async (when) => {
  const { clock, state, pings, processStops, brokerStops } = rig();
  await clock.advance(200);
  if (when === 'before') {
    processStops(300);
  } else {
    // The broker's answer arrives after 1 ms. The process is stopped then and reads the answer after 300 ms.
    const { pings: before } = state;
    state.stopped = Promise.withResolvers();
    while (state.pings === before) await clock.advance(1);
    processStops(300);
    const stopped = state.stopped;
    state.stopped = undefined;
    stopped.resolve();
  }
  await clock.advance(500);
  expect(pings.since(0).stalls).toEqual([]);
  await brokerStops(200);
  expect(pings.since(0).stalls).toHaveLength(1);
});

test('pingBroker records the silence before a connection breaks, and sends no PING until it is back', async () => {
  const { clock, state, pings, brokerStops } = rig();
  await clock.advance(200);
  await brokerStops(200, 'breaks');
  state.isConnected = false;
  const { pings: before } = state;
  await clock.advance(10_000);
  expect(state.pings).toBe(before);
  state.isConnected = true;
  await clock.advance(1000);
  expect(pings.since(0).stalls).toHaveLength(1);
  expect(state.pings).toBeGreaterThan(before);
});
