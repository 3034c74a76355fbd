import { expect, test } from 'vitest';
import type { Stub } from '#netproxy/stub.ts';
import { pipe, type ToxicSpec } from '#netproxy/toxics.ts';
import { toxicRig } from './toxic-rig.ts';

const toxic =
  (type: ToxicSpec['type'], attributes: object) =>
  (stub: Stub): Promise<void> =>
    pipe({ type, attributes, name: 'it', stream: 'upstream', toxicity: 1 } as ToxicSpec, stub);

// A step is a number of ms to wait, `end`, `interrupt`, `run` (until no timer is pending), or text to send.
test.each<[string, ToxicSpec['type'], object, steps: string, expected: string]>([
  ['delays bytes from when they came', 'latency', { latency: 100, jitter: 0 }, 'a 40 b run', '100 a, 140 b'],
  ['delays the end as the bytes', 'latency', { latency: 100, jitter: 0 }, 'a end run', '100 a, 100 <half>'],
  ['forwards all at an interrupt', 'latency', { latency: 1000, jitter: 0 }, 'a 10 interrupt', '10 a'],
  ['saves up nothing while nothing comes', 'bandwidth', { rate: 1 }, '5000 x run', '5001 x'],
  ['0 swallows bytes and never closes', 'timeout', { timeout: 0 }, 'a 100000', ''],
  ['0 forwards the end', 'timeout', { timeout: 0 }, 'a 10 end run', '10 <half>'],
  ['swallows the first bytes, then resets', 'reset_peer', { timeout: 50 }, '1000 a run', '1050 <reset>'],
  ['gives bytes back at an interrupt', 'reset_peer', { timeout: 50 }, 'a 10 interrupt', '10 a'],
])('%s: %s', async (_sentence, type, attributes, steps, expected) => {
  const { clock, out, say, end, interrupt } = toxicRig(toxic(type, attributes));
  for (const step of steps.split(' ')) {
    if (step === 'end') end();
    else if (step === 'interrupt') await interrupt();
    else if (step === 'run') await clock.run();
    else if (/^\d+$/.test(step)) await clock.advance(Number(step));
    else say(step);
  }
  expect(out.map(({ atMs, text }) => `${atMs} ${text}`).join(', ')).toBe(expected);
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

test('timeout swallows bytes and closes after its time, however much is said', async () => {
  const { clock, out, say } = toxicRig(toxic('timeout', { timeout: 100 }));
  for (let index = 0; index < 20; index++) {
    say('a');
    await clock.advance(10);
  }
  expect(out).toEqual([{ atMs: 100, text: '<close>' }]);
});

test('no toxic leaves a timer behind', async () => {
  const each: ToxicSpec['type'][] = ['latency', 'bandwidth', 'timeout', 'reset_peer'];
  const attributes = { latency: 500, jitter: 0, rate: 1, timeout: 500 };
  for (const type of each) {
    const { clock, say, end, interrupt } = toxicRig(toxic(type, attributes));
    say('abc');
    end();
    await clock.advance(1);
    await interrupt();
    expect([type, clock.pending]).toEqual([type, 0]);
  }
});
