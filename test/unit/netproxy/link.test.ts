import type { Socket } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { stream } from '#kit/random.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { linkOf } from '#netproxy/link.ts';
import type { ToxicSpec } from '#netproxy/toxics.ts';

/** Creates a link on virtual time, between streams instead of sockets. */
function rig(destination: Writable) {
  const clock = new VirtualClock();
  const source = new PassThrough({ highWaterMark: 2 ** 16 });
  let received = 0;
  const link = linkOf(source as unknown as Socket, destination as unknown as Socket, {
    clock,
    random: (toxic) => stream(1, toxic),
    spares: ({ toxicity }) => toxicity === 0,
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

const spec = (name: string, type: ToxicSpec['type'], attributes: object) =>
  ({ name, type, stream: 'upstream', toxicity: 1, attributes }) as ToxicSpec;

/** Generates a toxic that delays bytes, but doesn't change them. */
const delaying = (name: string): fc.Arbitrary<ToxicSpec> =>
  fc.oneof(
    fc
      .record({ latency: fc.nat(50), jitter: fc.nat(20) })
      .map((attributes) => spec(name, 'latency', attributes)),
    fc.record({ rate: fc.nat(3) }).map((attributes) => spec(name, 'bandwidth', attributes)),
    fc.record({ timeout: fc.constant(3_600_000) }).map((attributes) => spec(name, 'reset_peer', attributes)),
  );

/** Generates a step of a link: bytes arrive, time passes, or a toxic is added, changed or removed. */
const step = fc.oneof(
  fc.record({ say: fc.string({ minLength: 1, maxLength: 200 }) }),
  fc.record({ waitMs: fc.nat(100) }),
  fc.record({ toggle: fc.integer({ min: 0, max: 3 }).chain((index) => delaying(`t${index}`)) }),
  fc.record({ change: fc.integer({ min: 0, max: 3 }).chain((index) => delaying(`t${index}`)) }),
);

test.prop([fc.array(step, { maxLength: 60 })], { numRuns: 150 })(
  'Link loses, doubles and reorders no byte while toxics are added, changed and removed',
  async (steps) => {
    const { destination, text } = sink();
    const { clock, source, link } = rig(destination);
    const there = new Map<string, ToxicSpec>();
    let said = '';
    for (const one of steps) {
      if ('say' in one) {
        said += one.say;
        source.write(one.say);
      } else if ('waitMs' in one) await clock.advance(one.waitMs);
      else if ('toggle' in one) {
        const old = there.get(one.toggle.name);
        if (old === undefined) link.add(one.toggle);
        else await link.remove(old);
        if (old === undefined) there.set(one.toggle.name, one.toggle);
        else there.delete(old.name);
      } else {
        const old = there.get(one.change.name);
        if (old?.type !== one.change.type) continue;
        await link.update(one.change);
        there.set(old.name, one.change);
      }
      await clock.advance(0);
    }
    source.end();
    for (const toxic of there.values()) {
      await clock.advance(1);
      await link.remove(toxic);
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
  ['behind a toxic', [spec('t', 'bandwidth', { rate: 2 ** 31 })]],
])('Link reads no more than its buffers take from a stuck destination, %s', async (_name, toxics) => {
  const stuck = new Writable({ highWaterMark: 1, write: () => undefined });
  const { clock, source, link, received } = rig(stuck);
  for (const toxic of toxics) link.add(toxic);
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
    if (rounds === 5) link.add(spec('t', 'bandwidth', { rate: 2 ** 31 }));
    if (rounds === 25) await link.remove(spec('t', 'bandwidth', { rate: 2 ** 31 }));
    takers.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(0);
  }
  expect(written).toBe(total * 64 * 1024);
});

test.each<[ToxicSpec['type'], object]>([
  ['latency', { latency: 10, jitter: 0 }],
  ['bandwidth', { rate: 1000 }],
  ['timeout', { timeout: 10 }],
  ['reset_peer', { timeout: 10 }],
])('Link passes a reset on that comes after the end, behind %s', async (type, attributes) => {
  const { destination } = sink();
  const { clock, source, link } = rig(destination);
  const reset = new Set<unknown>();
  for (const one of [source, destination]) Object.assign(one, { resetAndDestroy: () => reset.add(one) });
  link.add(spec('t', type, attributes));
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
