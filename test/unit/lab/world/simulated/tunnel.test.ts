import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { AffectedWire } from '#lab/world/simulated/affected-wire.ts';
import { Session } from '#lab/world/simulated/broker/session.ts';
import { Tunnel } from '#lab/world/simulated/broker/tunnel.ts';
import { SimulatedPort } from '#lab/world/simulated/port.ts';
import { SimulatedProcess } from '#lab/world/simulated/process.ts';
import { startNetproxy } from '#lab/world/simulated/services.ts';

const service = { closing: async () => undefined, idle: async () => undefined };

/** A session of a consumer with the broker through a proxy, connected at 0 ms. Its events are recorded with times. */
async function rig() {
  const clock = new VirtualClock();
  const nats = await SimulatedProcess.start('nats', clock, () => service);
  const client = await SimulatedProcess.start('consumer', clock, () => service);
  const hop = new AffectedWire(nats, 0, clock);
  const netproxy = await SimulatedProcess.start('netproxy', clock, (machine) =>
    startNetproxy(machine, new Map([['consumer-nats', hop]])),
  );
  const port = new SimulatedPort(netproxy, clock);
  const seen: string[] = [];
  const see = (what: string) => seen.push(`${Math.round(clock.now())} ${what}`);
  const session = new Session(client.party!, undefined, (own) => new Tunnel(hop, own, clock));
  void (async () => {
    for await (const { type } of session.statuses()) see(type);
  })();
  session.onBack(() => see('back'));
  session.onEnd(() => see('ended at the broker'));
  await clock.advance(0);
  seen.length = 0;
  return {
    ...{ clock, nats, client, seen },
    /** Sends a message to the broker, which answers. */
    ask: (name: string) =>
      session.send(() => {
        see(`${name} asked`);
        session.receive(() => see(`${name} answered`));
      }),
    inject: (fault: object) =>
      Promise.all([
        port.request('PUT', '/faults/it', { leaseMs: 100_000, target: 'consumer-nats', fault }),
        clock.advance(0),
      ]),
    clear: () => Promise.all([port.request('DELETE', '/faults/it'), clock.advance(0)]),
  };
}

test('messages pass the proxy in both directions', async () => {
  const { clock, seen, ask } = await rig();
  ask('a');
  ask('b');
  await clock.advance(10);
  expect(seen).toEqual(['0 a asked', '0 b asked', '0 a answered', '0 b answered']);
});

test('down disconnects both ends, and the client reconnects once the port is open, every 125 ms', async () => {
  const { clock, seen, ask, inject, clear } = await rig();
  await clock.advance(10);
  await inject({ kind: 'down' });
  await clock.advance(300);
  await clear();
  ask('lost');
  expect(seen.toSorted()).toEqual(['10 disconnect', '10 ended at the broker']);
  seen.length = 0;
  await clock.advance(200);
  // Tries at 135, 260.21 and 385.42 ms. A refusal takes 0.21 ms.
  expect(seen.toSorted()).toEqual(['385 back', '385 reconnect']);
  ask('a');
  await clock.advance(1);
  expect(seen.slice(2)).toEqual(['510 a asked', '510 a answered']);
});

test('blackhole loses messages, and closes the connection when it is cleared', async () => {
  const { clock, seen, ask, inject, clear } = await rig();
  await clock.advance(10);
  await inject({ kind: 'blackhole' });
  ask('lost');
  await clock.advance(3000);
  await clear();
  await clock.advance(200);
  expect(seen.toSorted()).toEqual(
    ['3010 disconnect', '3010 ended at the broker', '3135 reconnect', '3135 back'].toSorted(),
  );
});

test('latency delays messages, and keeps their order when it is cleared', async () => {
  const { clock, seen, ask, inject, clear } = await rig();
  await clock.advance(10);
  await inject({ kind: 'latency', latencyMs: 40, stream: 'upstream' });
  ask('a');
  await clock.advance(20);
  await clear();
  ask('b');
  await clock.advance(100);
  expect(seen).toEqual(['50 a asked', '50 b asked', '50 a answered', '50 b answered']);
});

test('a reset breaks the connection of its messages, and not the one after it', async () => {
  const { clock, seen, ask, inject, clear } = await rig();
  await clock.advance(10);
  await inject({ kind: 'reset', afterMs: 300 });
  ask('a');
  await clock.advance(290);
  ask('b');
  await clock.advance(20);
  await clear();
  await clock.advance(1000);
  expect(seen.filter((what) => what.endsWith('connect'))).toEqual(['310 disconnect', '435 reconnect']);
});

test('a client gives up a connection without answers when two pings are unanswered', async () => {
  const { clock, seen, inject } = await rig();
  await clock.advance(10);
  await inject({ kind: 'blackhole' });
  await clock.advance(8000);
  // Pings at 2 and 4 s; at 6 s both are unanswered.
  expect(seen.filter((what) => what.endsWith('disconnect'))).toEqual(['6000 disconnect']);
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  '%s of the broker disconnects, and the client connects to the new process',
  async (signal) => {
    const { clock, nats, seen } = await rig();
    await clock.advance(10);
    await nats.end(signal);
    await clock.advance(150);
    const restarted = nats.restart({});
    await clock.advance(250);
    await restarted;
    // The proxy accepts a try at 135 ms, and closes it after 0.21 ms.
    expect(seen.toSorted()).toEqual(['10 disconnect', '260 back', '260 reconnect']);
  },
);

test('the end of the client ends the connection at the broker', async () => {
  const { clock, client, seen } = await rig();
  await clock.advance(10);
  await client.end('SIGKILL');
  await clock.advance(1000);
  expect(seen).toEqual(['10 ended at the broker']);
});
