import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import {
  type ClockReading,
  effectClock,
  offsetDuring,
  offsetOf,
  type Ping,
  readClock,
  wallDifferenceMs,
} from '#lab/evidence/clocks.ts';

/** Returns pings one after another, each with the given delays in ms: there, at the process, and back. */
function pingsOf(own: (labMs: number) => number, delays: readonly (readonly [number, number, number])[]) {
  let sentAtMs = 1000;
  return delays.map(([thereMs, workMs, backMs]): Ping => {
    const [arrivedMs, leftMs] = [sentAtMs + thereMs, sentAtMs + thereMs + workMs];
    const returnedAtMs = leftMs + backMs;
    const ping = { sentAtMs, receivedAtMs: own(arrivedMs), answeredAtMs: own(leftMs), returnedAtMs };
    sentAtMs = returnedAtMs;
    return ping;
  });
}

test('offsetOf takes the shortest way there and the shortest way back, even if they are of two pings', () => {
  const own = (labMs: number) => labMs - 7;
  const { offsetMs, errorMs } = offsetOf(
    pingsOf(own, [
      [0.2, 0, 9],
      [9, 0, 0.2],
      [9, 0, 9],
    ]),
  );
  expect(offsetMs).toBeCloseTo(-7, 1);
  expect(errorMs).toBeLessThan(0.25);
});

const delay = fc.double({ min: 0, max: 50, noNaN: true });
const delays = fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 40 });
const offset = fc.double({ min: -1e9, max: 1e9, noNaN: true });

test.prop([offset, fc.integer({ min: -500, max: 500 }), delays])(
  'offsetOf never states less than its true error, with any offset, drift up to 500 ppm and any delays',
  (offsetMs, ppm, each) => {
    const own = (labMs: number) => labMs + offsetMs + ((labMs - 1000) * ppm) / 1e6;
    const found = offsetOf(pingsOf(own, each));
    const trueMs = own(found.atMs) - found.atMs;
    expect(Math.abs(found.offsetMs - trueMs)).toBeLessThanOrEqual(found.errorMs + 1e-5);
  },
);

test('offsetOf covers both offsets of a clock that is set meanwhile', () => {
  const own = (labMs: number) => labMs + (labMs < 1005 ? 0 : 100);
  const { offsetMs, errorMs } = offsetOf(pingsOf(own, Array(10).fill([0.5, 0, 0.5])));
  expect(Math.abs(offsetMs)).toBeLessThanOrEqual(errorMs);
  expect(Math.abs(offsetMs - 100)).toBeLessThanOrEqual(errorMs);
});

/** Reads a clock `offsetMs` ahead, whose pings take `delayMs` there and back. Returns the reading and the number of pings. */
async function read(offsetMs: number, delayMs: number, ids: { own?: string; lab?: string } = {}) {
  const clock = new VirtualClock();
  let pings = 0;
  const ping = async (): Promise<Ping> => {
    pings += 1;
    const sentAtMs = clock.now();
    await clock.advance(delayMs);
    const ownMs = clock.now() + offsetMs;
    await clock.advance(delayMs);
    const times = { sentAtMs, receivedAtMs: ownMs, answeredAtMs: ownMs, returnedAtMs: clock.now() };
    return { ...times, clockId: ids.own };
  };
  return { ...(await readClock(ping, clock, ids.lab)), pings };
}

test('readClock ends early if the error is small, after 40 pings, or after a second', async () => {
  expect(await read(7, 0.02)).toMatchObject({ pings: 4, shared: false });
  expect(await read(7, 1)).toMatchObject({ pings: 40 });
  expect(await read(7, 40)).toMatchObject({ pings: 13 });
});

test.each([
  ['the same id and offset', 0, { own: 'a', lab: 'a' }, true],
  ['the same id, but another offset', 50, { own: 'a', lab: 'a' }, false],
  ['another id', 0, { own: 'b', lab: 'a' }, false],
  ['no id', 0, {}, false],
])('readClock knows a shared clock: %s', async (_what, offsetMs, ids, shared) => {
  expect(await read(offsetMs, 1, ids)).toMatchObject({ shared });
});

const reading = (offsetMs: number, errorMs: number, shared = false): ClockReading => ({
  atMs: 0,
  ...{ offsetMs, errorMs, shared },
});

test('offsetDuring covers all readings with their errors', () => {
  const readings = [reading(1000, 0.5), reading(1004, 1.5)];
  expect(offsetDuring(readings)).toEqual({ offsetMs: 1002.5, errorMs: 3 });
  expect(offsetDuring([reading(0.1, 1, true)])).toEqual({ offsetMs: 0, errorMs: 0.02 });
});

test('effectClock converts the lines of each log by the clock of its process', () => {
  const { toLab, errorMs } = effectClock({
    processes: [
      { process: 'gateway', readings: [reading(7, 99)] },
      { process: 'downstream-1', readings: [reading(500, 2)], effects: 2 },
      { process: 'downstream-2', readings: [reading(0.1, 1, true)], effects: 1 },
    ],
  });
  expect([1, 2, 3, 4].map((line) => toLab(600, line))).toEqual([100, 100, 600, 600]);
  expect(errorMs).toBe(2);
});

test.each([
  ['certainly apart', 5030, 30.7],
  ['perhaps the same', 5000.6, 1.3],
])('wallDifferenceMs is the largest possible difference: %s', (_what, offsetMs, differMs) => {
  const wallClocks = [
    { process: 'broker', atMs: 0, offsetMs: 5000, errorMs: 0.3 },
    { process: 'consumer', atMs: 1, offsetMs: 5000, errorMs: 0.4 },
    { process: 'broker', atMs: 1000, offsetMs: 5000, errorMs: 0.3 },
    { process: 'consumer', atMs: 1001, offsetMs, errorMs: 0.4 },
  ];
  expect(wallDifferenceMs({ wallClocks })).toBeCloseTo(differMs);
  expect(wallDifferenceMs({ wallClocks: wallClocks.slice(1, 2) })).toBeUndefined();
  expect(wallDifferenceMs({})).toBeUndefined();
});
