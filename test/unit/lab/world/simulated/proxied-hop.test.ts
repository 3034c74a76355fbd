import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { hopsOf } from '#lab/world/simulated/hops.ts';
import { Line } from '#lab/world/simulated/line.ts';
import { SimulatedPort } from '#lab/world/simulated/port.ts';
import { SimulatedProcess } from '#lab/world/simulated/process.ts';
import { startNetproxy } from '#lab/world/simulated/services.ts';

const service = { closing: async () => undefined, idle: async () => undefined };

/** A client and a server that answers after 10 ms, with a proxy between them. */
async function rig() {
  const clock = new VirtualClock();
  const client = await SimulatedProcess.start('gateway', clock, () => service);
  const server = await SimulatedProcess.start('downstream', clock, () => service);
  const { network, proxies, wires } = hopsOf(clock, ['gateway->downstream']);
  const wire = wires('gateway->downstream', server, 0)(client.party!);
  const netproxy = await SimulatedProcess.start('netproxy', clock, (machine) =>
    startNetproxy(machine, network, { seed: 1, proxies }),
  );
  const port = new SimulatedPort(netproxy, clock);
  await clock.run();
  const seen: string[] = [];
  /** Sends a request. Client and server record in `seen` what happens, with the time since the request was sent. */
  const send = (name: string) => {
    const sentAtMs = clock.now();
    const see = (what: string) => seen.push(`${name} ${what} ${Math.round(clock.now() - sentAtMs)}`);
    const line = new Line(
      {
        party: client.party!,
        answered: () => see('answered'),
        broken: ({ message }) => see(message),
      },
      wire,
    );
    line.gone = () => see('gone');
    line.send(
      () => {
        see('request');
        clock.after(10, () => line.answer({ body: '' }));
      },
      () => see('sent'),
    );
    return line;
  };
  const inject = (kind: string, options: object = {}) =>
    port.request('PUT', '/faults/it', {
      leaseMs: 100_000,
      target: 'gateway-downstream',
      fault: { kind, ...options },
    });
  const accepted = async () =>
    (await port.scrape(['spillway_proxy_connections'])).get(
      'spillway_proxy_connections{proxy="gateway-downstream"}',
    );
  return {
    ...{ clock, client, server, seen, send, inject, accepted },
    clear: () => port.request('DELETE', '/faults/it'),
  };
}

test('requests pass the proxy without delay, and reuse a connection', async () => {
  const { clock, seen, send, accepted } = await rig();
  for (const name of ['a', 'b']) {
    send(name);
    await clock.advance(20);
  }
  send('c');
  send('d');
  await clock.advance(20);
  expect(seen.slice(0, 6)).toEqual([
    'a sent 0',
    'a request 0',
    'a answered 10',
    'b sent 0',
    'b request 0',
    'b answered 10',
  ]);
  expect(await accepted()).toBe(2);
});

test.each([
  ['latency delays each direction', 'latency', { latencyMs: 50 }, ['sent 0', 'request 50', 'answered 110']],
  [
    'latency in one direction',
    'latency',
    { latencyMs: 50, stream: 'downstream' },
    ['sent 0', 'request 0', 'answered 60'],
  ],
  ['reset loses the request', 'reset', { afterMs: 5 }, ['sent 0', 'read ECONNRESET 5']],
  [
    'reset of the answer leaves the work',
    'reset',
    { stream: 'downstream' },
    ['sent 0', 'request 0', 'read ECONNRESET 10'],
  ],
  [
    'blackhole closes in the end',
    'blackhole',
    { closeAfterMs: 300 },
    ['sent 0', 'the server closed the connection 300'],
  ],
  ['down refuses', 'down', {}, ['connect ECONNREFUSED 0']],
])('%s', async (_what, kind, options, events) => {
  const { clock, seen, send, inject } = await rig();
  await inject(kind, options);
  send('a');
  await clock.advance(1000);
  expect(seen).toEqual(events.map((event) => `a ${event}`));
});

test('blackhole holds requests until it is cleared, and then closes their connections', async () => {
  const { clock, seen, send, inject, clear } = await rig();
  send('a');
  await clock.advance(20);
  await inject('blackhole');
  send('b');
  await clock.advance(500);
  await clear();
  send('c');
  await clock.advance(100);
  expect(seen.slice(3)).toEqual([
    'b sent 0',
    'c sent 0',
    'b the server closed the connection 500',
    'c request 0',
    'c answered 10',
  ]);
});

test('down closes connections in use, and the server notices', async () => {
  const { clock, seen, send, inject, clear } = await rig();
  send('a');
  await clock.advance(5);
  await Promise.all([inject('down'), clock.advance(1)]);
  await Promise.all([clear(), clock.advance(1)]);
  send('b');
  await clock.advance(20);
  expect(seen.slice(2).toSorted()).toEqual(
    [
      'a gone 5',
      'a the server closed the connection 5',
      'b answered 10',
      'b request 0',
      'b sent 0',
    ].toSorted(),
  );
});

test('a client that gives up closes its connection, and the server notices', async () => {
  const { clock, seen, send } = await rig();
  const line = send('a');
  await clock.advance(5);
  line.close();
  await clock.advance(20);
  expect(seen).toEqual(['a sent 0', 'a request 0', 'a gone 5']);
});

test('the end of the server breaks its connections, and the proxy closes those of its clients', async () => {
  const { clock, seen, send, server } = await rig();
  send('a');
  await clock.advance(5);
  await server.end('SIGKILL');
  send('b');
  await clock.advance(20);
  expect(seen.slice(2)).toEqual([
    'b sent 0',
    'a the server closed the connection 5',
    'b the server closed the connection 0',
  ]);
});

test('a server that stops closes idle connections, and answers what it has accepted', async () => {
  const { clock, seen, send, server, accepted } = await rig();
  send('a');
  send('b');
  await clock.advance(5);
  send('c');
  await clock.advance(6); // a and b are answered, and c is not
  expect(await accepted()).toBe(3);
  const stopped = server.end('SIGTERM');
  await clock.advance(1);
  expect(await accepted()).toBe(1);
  await clock.advance(20);
  await stopped;
  expect(seen.at(-1)).toBe('c answered 10');
  expect(await accepted()).toBe(0);
});
