import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { sampleEventLoop, stallRoute } from '#kit/stalls.ts';

/**
 * Creates an event loop on fake time. `stop` blocks it for `ms`. During this time the process uses the CPU for the part
 * `share`.
 */
function rig() {
  let nowMs = 0;
  let cpuMs = 0;
  let due: { atMs: number; callback: () => void } | undefined;
  const delays: number[] = [];
  const clock = {
    now: () => nowMs,
    after: (ms: number, callback: () => void) => {
      due = { atMs: nowMs + ms, callback };
    },
    cancel: () => {
      due = undefined;
    },
    wallTime: () => new Date(nowMs),
  };
  const loop = sampleEventLoop(
    clock,
    (delayMs) => delays.push(delayMs),
    () => cpuMs,
  );
  const runUntil = (ms: number) => {
    while (due && due.atMs <= ms) {
      nowMs = Math.max(nowMs, due.atMs);
      due.callback();
    }
    nowMs = Math.max(nowMs, ms);
  };
  const stop = (ms: number, share = 0) => {
    nowMs += ms;
    cpuMs += share * ms;
  };
  return { loop, delays, runUntil, stop };
}

describe('sampleEventLoop', () => {
  test.each([
    [0, 50],
    [10, 50],
    [19, 50],
    [0, 100],
    [19, 300],
  ])('records a stop that begins %d ms after a sample and lasts %d ms', (afterMs, forMs) => {
    const { loop, runUntil, stop } = rig();
    runUntil(100 + afterMs);
    stop(forMs);
    runUntil(1000);
    expect(loop.since(0)).toEqual({
      stalls: [{ fromMs: 100, untilMs: 100 + afterMs + forMs, cpuMs: 0 }],
      complete: true,
    });
  });

  test('reports a stall before the sample that it delays', () => {
    const { loop, runUntil, stop } = rig();
    runUntil(110);
    stop(300);
    expect(loop.since(0).stalls).toEqual([{ fromMs: 100, untilMs: 410, cpuMs: 0 }]);
    runUntil(410);
    expect(loop.since(0).stalls).toHaveLength(1);
  });

  test('reports how much CPU time the process used', () => {
    const { loop, runUntil, stop } = rig();
    runUntil(100);
    stop(200, 0.9);
    runUntil(400);
    expect(loop.since(0).stalls).toEqual([{ fromMs: 100, untilMs: 300, cpuMs: 180 }]);
  });

  test('keeps the last 10,000, and says that it has forgotten earlier ones', () => {
    const { loop, runUntil, stop } = rig();
    for (let each = 0; each <= 10_000; each++) {
      runUntil(100 * each);
      stop(60);
    }
    runUntil(1_000_100);
    const { stalls, complete } = loop.since(0);
    expect([stalls.length, stalls[0]!.fromMs > 0, complete]).toEqual([10_000, true, false]);
    expect(loop.since(stalls[0]!.fromMs)).toMatchObject({ complete: true });
  });
});

test('GET /stalls answers with the stalls that ended after a moment', async () => {
  const { loop, runUntil, stop } = rig();
  runUntil(100);
  stop(50);
  runUntil(500);
  stop(50);
  runUntil(1000);
  const app = fastify();
  stallRoute(app, loop);
  expect((await app.inject('/stalls')).json().stalls).toHaveLength(2);
  const second = { fromMs: 490, untilMs: 550, cpuMs: 0 };
  expect((await app.inject('/stalls?sinceMs=200.5')).json()).toEqual({ stalls: [second], complete: true });
});
