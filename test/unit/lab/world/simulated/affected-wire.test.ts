import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { AffectedWire } from '#lab/world/simulated/affected-wire.ts';
import { Line } from '#lab/world/simulated/line.ts';
import { SimulatedProcess } from '#lab/world/simulated/process.ts';

const service = { closing: async () => undefined, idle: async () => undefined };
const common = { stream: 'both', toxicity: 1 } as const;
const latency = { kind: 'latency', latencyMs: 50, jitterMs: 0, ...common } as const;
const blackhole = { kind: 'blackhole', closeAfterMs: 0, ...common } as const;

/** Two processes with a hop of 2 ms. The server answers a request 10 ms after it. */
async function rig() {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const see = (what: string) => void seen.push(`${Math.round(clock.now())} ${what}`);
  const client = await SimulatedProcess.start('gateway', clock, () => service);
  const server = await SimulatedProcess.start('downstream', clock, () => service);
  const wire = new AffectedWire(server, 2, clock);
  const call = (name: string) => {
    const line = new Line<string>(
      { party: client.party!, answered: see, broken: ({ message }) => see(`${name}: ${message}`) },
      wire,
    );
    line.send(() => {
      see(`${name} asked`);
      clock.after(10, () => line.answer(`${name} answered`));
    });
    line.gone = () => see(`${name} gone`);
    return line;
  };
  return { clock, seen, wire, call };
}

test('latency delays a request and its answer, and the end of a connection comes after its messages', async () => {
  const { clock, seen, wire, call } = await rig();
  wire.begin('it', latency);
  call('a');
  const b = call('b');
  await clock.advance(5);
  b.close();
  wire.end('it');
  call('c');
  await clock.run();
  expect(seen).toEqual([
    ...['6 c asked', '17 c answered', '51 a asked', '51 b asked', '51 b gone'],
    ...['62 a answered'],
  ]);
});

test('latency of one direction delays answers alone', async () => {
  const { clock, seen, wire, call } = await rig();
  wire.begin('it', { ...latency, stream: 'downstream' });
  call('a');
  await clock.run();
  expect(seen).toEqual(['1 a asked', '62 a answered']);
});

test('reset breaks a connection some time after its request, which is lost', async () => {
  const { clock, seen, wire, call } = await rig();
  wire.begin('it', { kind: 'reset', afterMs: 7, ...common });
  call('a');
  await clock.run();
  expect(seen).toEqual(['8 a gone', '8 a: read ECONNRESET']);
});

test('blackhole loses messages, and breaks all connections when it ends', async () => {
  const { clock, seen, wire, call } = await rig();
  call('before');
  await clock.advance(5);
  wire.begin('it', blackhole);
  call('a');
  await clock.advance(100);
  wire.end('it');
  call('b');
  await clock.run();
  expect(seen).toEqual([
    '1 before asked',
    ...['105 before gone', '105 before: the server closed the connection'],
    ...['105 a gone', '105 a: the server closed the connection', '106 b asked', '117 b answered'],
  ]);
});

test('blackhole with a time closes the connection after it', async () => {
  const { clock, seen, wire, call } = await rig();
  wire.begin('it', { ...blackhole, closeAfterMs: 20 });
  call('a');
  await clock.run();
  expect(seen).toEqual(['20 a gone', '20 a: the server closed the connection']);
});

test('a call in service when a blackhole with a time begins ends after that time', async () => {
  const { clock, seen, wire, call } = await rig();
  call('a');
  await clock.advance(5);
  wire.begin('it', { ...blackhole, closeAfterMs: 20 });
  await clock.run();
  expect(seen).toEqual(['1 a asked', '25 a gone', '25 a: the server closed the connection']);
});

test('a request that a reset holds is delivered if the reset ends before its time', async () => {
  const { clock, seen, wire, call } = await rig();
  wire.begin('it', { kind: 'reset', afterMs: 50, ...common });
  call('a');
  await clock.advance(5);
  wire.end('it');
  await clock.run();
  expect(seen).toEqual(['51 a asked', '62 a answered']);
});

test('down breaks open connections, drops requests under way, and refuses new ones', async () => {
  const { clock, seen, wire, call } = await rig();
  call('a');
  wire.begin('it', { kind: 'down' });
  call('b');
  await clock.advance(20);
  wire.end('it');
  call('c');
  await clock.run();
  expect(seen).toEqual([
    ...['0 a gone', '0 a: the server closed the connection', '0 b: connect ECONNREFUSED'],
    ...['21 c asked', '32 c answered'],
  ]);
});
