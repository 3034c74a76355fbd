import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { offsetOf, type Ping, readClock } from '#lab/testbed/clock-offset.ts';

/** Time on a clock that is `offsetMs` ahead at 1,000 ms, and `ppm` millionths faster. */
const clockOf =
  (offsetMs: number, ppm = 0) =>
  (labMs: number): number =>
    labMs + offsetMs + ((labMs - 1000) * ppm) / 1e6;

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

test('offsetOf halves the round trip, without the time at the process', () => {
  const { offsetMs, errorMs, atMs } = offsetOf(pingsOf(clockOf(500), [[2, 10, 4]]));
  expect(offsetMs).toBeCloseTo(499); // wrong by 1 ms, since the way back took 2 ms longer
  expect(errorMs).toBeCloseTo(3, 1);
  expect(atMs).toBe(1008);
});

test('offsetOf takes the shortest way there and the shortest way back, even if they are of two pings', () => {
  const { offsetMs, errorMs } = offsetOf(
    pingsOf(clockOf(-7), [
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
    const own = clockOf(offsetMs, ppm);
    const found = offsetOf(pingsOf(own, each));
    const trueMs = own(found.atMs) - found.atMs;
    expect(Math.abs(found.offsetMs - trueMs)).toBeLessThanOrEqual(found.errorMs + 1e-5);
  },
);

test('offsetOf covers all bounds of a clock that jumps meanwhile', () => {
  const jumping = (labMs: number) => labMs + (labMs < 1005 ? 0 : 100);
  const { offsetMs, errorMs } = offsetOf(pingsOf(jumping, Array(10).fill([0.5, 0, 0.5])));
  expect(offsetMs - errorMs).toBeLessThanOrEqual(0);
  expect(offsetMs + errorMs).toBeGreaterThanOrEqual(100);
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
  return { ...(await readClock(ping, { clock, id: ids.lab })), pings };
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
