import type { Socket } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { stream } from '#kit/random.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { ToxicOptions } from '#netproxy/faults/config.ts';
import { linkOf } from '#netproxy/link.ts';

/** Creates a link on virtual time, between streams instead of sockets. */
function rig(destination: Writable) {
  const clock = new VirtualClock();
  const source = new PassThrough({ highWaterMark: 2 ** 16 });
  let received = 0;
  const link = linkOf(source as unknown as Socket, destination as unknown as Socket, {
    clock,
    random: (name) => stream(1, name),
  });
  link.start();
  source.on('data', ({ length }: Buffer) => {
    received += length;
  });
  return { clock, source, link, received: () => received };
}

/** Creates a destination that records the received text. */
function sink() {
  const parts: Buffer[] = [];
  const destination = new Writable({
    highWaterMark: 64,
    write(data: Buffer, _encoding, done) {
      parts.push(data);
      process.nextTick(done);
    },
  });
  return { destination, text: () => Buffer.concat(parts).toString() };
}

const spec = (kind: ToxicOptions['kind'], options: object) => ({ kind, ...options }) as ToxicOptions;
const wide = spec('bandwidth', { kilobytesPerSecond: 2 ** 31 });

/** Generates a toxic that delays bytes, but doesn't change them. */
const delaying: fc.Arbitrary<ToxicOptions> = fc.oneof(
  fc.record({ latencyMs: fc.nat(50), jitterMs: fc.nat(20) }).map((options) => spec('latency', options)),
  fc.record({ kilobytesPerSecond: fc.nat(3) }).map((options) => spec('bandwidth', options)),
  fc.record({ afterMs: fc.constant(3_600_000) }).map((options) => spec('reset', options)),
);

/** Generates a step of a link: bytes arrive, time passes, or a toxic is added or removed. */
const step = fc.oneof(
  fc.record({ say: fc.string({ minLength: 1, maxLength: 200 }) }),
  fc.record({ waitMs: fc.nat(100) }),
  fc.record({ toggle: fc.constantFrom('a', 'b', 'c', 'd'), toxic: delaying }),
);

test.prop([fc.array(step, { maxLength: 60 })], { numRuns: 150 })(
  'Link loses, doubles and reorders no byte while toxics are added and removed',
  async (steps) => {
    const { destination, text } = sink();
    const { clock, source, link } = rig(destination);
    const there = new Set<string>();
    let said = '';
    for (const one of steps) {
      if ('say' in one) {
        said += one.say;
        source.write(one.say);
      } else if ('waitMs' in one) await clock.advance(one.waitMs);
      else if (there.delete(one.toggle)) await link.remove(one.toggle);
      else {
        link.add(one.toggle, one.toxic);
        there.add(one.toggle);
      }
      await clock.advance(0);
    }
    source.end();
    for (const name of there) {
      await clock.advance(1);
      await link.remove(name);
    }
    while (!destination.writableFinished) {
      await clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(text()).toBe(said);
    expect(clock.pending).toBe(0);
  },
);

test.each([
  ['without a toxic', []],
  ['behind a toxic', [wide]],
])('Link reads no more than its buffers take from a stuck destination, %s', async (_name, toxics) => {
  const stuck = new Writable({ highWaterMark: 1, write: () => undefined });
  const { clock, source, link, received } = rig(stuck);
  for (const toxic of toxics) link.add('t', toxic);
  const chunk = Buffer.alloc(64 * 1024);
  for (let index = 0; index < 100; index++) {
    source.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(0);
  }
  expect(received()).toBeGreaterThanOrEqual(256 * 1024);
  expect(received()).toBeLessThanOrEqual(1024 * 1024);
});

test('Link goes on reading when there is room again, also where a toxic came and went', async () => {
  const takers: (() => void)[] = [];
  let written = 0;
  const slow = new Writable({
    highWaterMark: 1,
    write(data: Buffer, _encoding, done) {
      written += data.length;
      takers.push(done);
    },
  });
  const { clock, source, link } = rig(slow);
  const total = 40;
  for (let index = 0; index < total; index++) source.write(Buffer.alloc(64 * 1024));
  for (let rounds = 0; rounds < 200; rounds++) {
    if (rounds === 5) link.add('t', wide);
    if (rounds === 25) await link.remove('t');
    takers.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(0);
  }
  expect(written).toBe(total * 64 * 1024);
});

test.each<[ToxicOptions['kind'], object]>([
  ['latency', { latencyMs: 10, jitterMs: 0 }],
  ['bandwidth', { kilobytesPerSecond: 1000 }],
  ['blackhole', { closeAfterMs: 10 }],
  ['reset', { afterMs: 10 }],
])('Link passes a reset on that comes after the end, behind %s', async (kind, options) => {
  const { destination } = sink();
  const { clock, source, link } = rig(destination);
  const reset = new Set<unknown>();
  for (const one of [source, destination]) Object.assign(one, { resetAndDestroy: () => reset.add(one) });
  link.add('t', spec(kind, options));
  source.end();
  await turn(clock);
  source.emit('error', new Error('reset'));
  await clock.advance(100);
  await turn(clock);
  expect(reset).toEqual(new Set([source, destination]));
});

/** Lets streams and toxics do all work that doesn't wait for a timer. */
async function turn(clock: VirtualClock): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(0);
}
