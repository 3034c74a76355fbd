import { expect, test } from 'vitest';
import type { Stub } from '#netproxy/stub.ts';
import { pipe, type ToxicSpec } from '#netproxy/toxics/kinds.ts';
import { toxicRig } from './rig.ts';

const toxic =
  (type: ToxicSpec['type'], attributes: object) =>
  (stub: Stub): Promise<void> =>
    pipe({ type, attributes, name: 'it', stream: 'upstream', toxicity: 1 } as ToxicSpec, stub);

/** Bytes to say, ms to wait, or what else happens. */
type Step = { say: string } | { waitMs: number } | 'end' | 'interrupt' | 'run';
const say = (text: string): Step => ({ say: text });
const wait = (waitMs: number): Step => ({ waitMs });

test.each<[string, ToxicSpec['type'], object, Step[], [atMs: number, text: string][]]>([
  [
    'delays bytes from when they came, and the end no longer than the bytes before it',
    'latency',
    { latency: 100, jitter: 0 },
    [say('a'), wait(40), say('b'), 'end', 'run'],
    [
      [100, 'a'],
      [140, 'b'],
      [140, '<half>'],
    ],
  ],
  [
    'forwards at once what it holds when it is interrupted',
    'latency',
    { latency: 1000, jitter: 0 },
    [say('a'), wait(10), 'interrupt'],
    [[10, 'a']],
  ],
  [
    'saves up nothing while nothing comes',
    'bandwidth',
    { rate: 1 },
    [wait(5000), say('x'), 'run'],
    [[5001, 'x']],
  ],
  [
    'passes bytes on at once, and the end after its delay',
    'slow_close',
    { delay: 300 },
    [say('a'), 'end', 'run'],
    [
      [0, 'a'],
      [300, '<half>'],
    ],
  ],
  [
    'passes the end on when it is interrupted',
    'slow_close',
    { delay: 300 },
    ['end', wait(10), 'interrupt'],
    [[10, '<half>']],
  ],
  ['0 swallows bytes, and never closes', 'timeout', { timeout: 0 }, [say('a'), wait(100_000)], []],
  ['0 passes the end on', 'timeout', { timeout: 0 }, [say('a'), wait(10), 'end', 'run'], [[10, '<half>']]],
  [
    'resets its time after the first bytes, which are lost',
    'reset_peer',
    { timeout: 50 },
    [wait(1000), say('a'), 'run'],
    [[1050, '<reset>']],
  ],
  [
    'gives the bytes back when it is interrupted before its time',
    'reset_peer',
    { timeout: 50 },
    [say('a'), wait(10), 'interrupt'],
    [[10, 'a']],
  ],
  ['lets bytes pass', 'limit_data', { bytes: 5 }, [say('abc'), 'run'], [[0, 'abc']]],
  [
    'closes with the last byte that it lets pass',
    'limit_data',
    { bytes: 5 },
    [say('abc'), 'run', say('def'), 'run'],
    [
      [0, 'abc'],
      [0, 'de'],
      [0, '<close>'],
    ],
  ],
])('$1 $0', async (_sentence, type, attributes, steps, expected) => {
  const { clock, out, say, end, interrupt } = toxicRig(toxic(type, attributes));
  for (const step of steps) {
    if (step === 'end') end();
    else if (step === 'interrupt') await interrupt();
    else if (step === 'run') await clock.run();
    else if ('say' in step) say(step.say);
    else await clock.advance(step.waitMs);
  }
  expect(out.map(({ atMs, text }) => [atMs, text])).toEqual(expected);
});

test('latency with jitter stays within both sides of it, and keeps the order', async () => {
  const { clock, out, say } = toxicRig(toxic('latency', { latency: 100, jitter: 50 }));
  for (let index = 0; index < 200; index++) {
    say(String(index));
    await clock.advance(1);
  }
  await clock.run();
  const delays = out.map(({ atMs }, index) => atMs - index);
  expect(out.map(({ text }) => text)).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
  expect(Math.max(...delays)).toBeLessThanOrEqual(150);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(20);
});

test('bandwidth lets rate · time bytes pass, in slices of 100 ms at most', async () => {
  const { clock, out, say } = toxicRig(toxic('bandwidth', { rate: 1 }));
  say('x'.repeat(250));
  await clock.run();
  expect(out.map(({ atMs, text }) => [atMs, text.length])).toEqual([
    [100, 100],
    [200, 100],
    [250, 50],
  ]);
});

test('bandwidth 0 lets nothing pass, and all of it when it is interrupted', async () => {
  const { clock, out, say, interrupt } = toxicRig(toxic('bandwidth', { rate: 0 }));
  say('abc');
  await clock.advance(60_000);
  expect(out).toEqual([]);
  await interrupt();
  expect(out.map(({ text }) => text).join('')).toBe('abc');
});

test('slicer cuts within average ± variation, loses nothing, and pauses after each slice', async () => {
  const { clock, out, say } = toxicRig(toxic('slicer', { average_size: 10, size_variation: 4, delay: 2000 }));
  const text = Array.from({ length: 100 }, (_, index) => index % 10).join('');
  say(text);
  await clock.run();
  expect(out.map((one) => one.text).join('')).toBe(text);
  expect(Math.max(...out.map((one) => one.text.length))).toBeLessThanOrEqual(14);
  expect(out.map(({ atMs }) => atMs)).toEqual(out.map((_, index) => index * 2));
});

test('slicer keeps a pause shorter than timers are exact on average', async () => {
  const { clock, out, say } = toxicRig(toxic('slicer', { average_size: 1, size_variation: 0, delay: 100 }));
  say('x'.repeat(1000));
  await clock.run();
  expect(out.at(-1)!.atMs).toBeCloseTo(99.9, 0);
});

test('timeout swallows bytes and closes after its time, however much is said', async () => {
  const { clock, out, say } = toxicRig(toxic('timeout', { timeout: 100 }));
  for (let index = 0; index < 20; index++) {
    say('a');
    await clock.advance(10);
  }
  expect(out).toEqual([{ atMs: 100, text: '<close>' }]);
});

test('limit_data counts what has passed under other attributes, too', async () => {
  const { clock, out, say, interrupt, resume } = toxicRig(toxic('limit_data', { bytes: 100 }));
  say('abc');
  await clock.run();
  await interrupt();
  resume(toxic('limit_data', { bytes: 4 }));
  say('def');
  await clock.run();
  expect(out.map(({ text }) => text)).toEqual(['abc', 'd', '<close>']);
});

test('no toxic leaves a timer behind', async () => {
  const each: ToxicSpec['type'][] = ['latency', 'bandwidth', 'slicer', 'slow_close', 'timeout', 'reset_peer'];
  const attributes = {
    latency: 500,
    jitter: 0,
    rate: 1,
    average_size: 1,
    size_variation: 0,
    delay: 500,
    timeout: 500,
  };
  for (const type of each) {
    const { clock, say, end, interrupt } = toxicRig(toxic(type, attributes));
    say('abc');
    end();
    await clock.advance(1);
    await interrupt();
    expect([type, clock.pending]).toEqual([type, 0]);
  }
});
