import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import {
  type ClockReading,
  EffectClock,
  loadErrorMs,
  loadOffsetMs,
  onLabClock,
  rateErrorMax,
  summaryOf,
  wallDifferenceMs,
} from '#lab/evidence/clocks.ts';

const reading = (atMs: number, offsetMs: number, errorMs = 0, more: Partial<ClockReading> = {}) => ({
  atMs,
  offsetMs,
  errorMs,
  shared: false,
  ...more,
});

test('onLabClock subtracts the middle of the two offsets around a time, and covers both', () => {
  const readings = [reading(0, 1000, 0.1), reading(100_000, 1040, 0.2)];
  const half = onLabClock(readings, 51_020.05);
  expect(half.ms).toBeCloseTo(50_000);
  expect(half.errorMs).toBeCloseTo((20 + 0.15 + 0.75) * 1.001); // 15 ppm of 50 s
});

test('onLabClock trusts the last reading less with time', () => {
  const { ms, errorMs } = onLabClock([reading(0, 1000, 0.1)], 11_000);
  expect(ms).toBe(10_000);
  expect(errorMs).toBeCloseTo((0.1 + 5) * 1.001); // 500 ppm of 10 s
});

test('onLabClock leaves a shared clock alone, whatever the pings say', () => {
  const shared = [reading(0, 0.3, 0.4, { shared: true }), reading(9, -0.2, 0.4, { shared: true })];
  expect(onLabClock(shared, 5)).toEqual({ ms: 5, errorMs: 0.02 });
});

test('onLabClock covers both offsets of a clock that jumped', () => {
  const { ms, errorMs } = onLabClock([reading(0, 0, 0.1), reading(1000, 500, 0.1)], 700);
  expect(ms - errorMs).toBeLessThanOrEqual(200);
  expect(ms + errorMs).toBeGreaterThanOrEqual(700);
});

test('onLabClock knows which clock a restarted process read, or covers both', () => {
  const restarted = [
    reading(0, 1e6, 0.1, { clockId: 'a' }),
    reading(1000, 1e6, 0.1, { clockId: 'a' }),
    reading(2000, 300, 0.1, { clockId: 'b' }),
    reading(5000, 300, 0.1, { clockId: 'b' }),
  ];
  expect(onLabClock(restarted, 1e6 + 500).ms).toBeCloseTo(500);
  expect(onLabClock(restarted, 3300).ms).toBeCloseTo(3000);
  const close = restarted.map((each) => ({ ...each, offsetMs: each.clockId === 'a' ? 0 : 300 }));
  const { ms, errorMs } = onLabClock(close, 1700);
  expect(ms - errorMs).toBeLessThanOrEqual(1400);
  expect(ms + errorMs).toBeGreaterThanOrEqual(1700);
});

/** Numbers of even distribution: most doubles of fast-check are close to 0. */
const real = (min: number, max: number) =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((thousandths) => thousandths / 1000);

/** Clock with a drift, which departs from its mean in the first half, and with a jump between the readings. */
const clock = fc.record({
  ppm: real(-500, 500),
  wanderPpm: real(-15, 15),
  jumpMs: fc.oneof(real(-1e6, 1e6), real(-1000, 1000), real(-50, 50)),
  jumpShare: real(0.001, 0.999),
  offsetMs: real(-1e9, 1e9),
  lengthMs: real(100, 600_000),
  share: real(0, 1),
  wrong: fc.tuple(real(-1, 1), real(-1, 1)),
  errorMs: fc.tuple(real(0, 20), real(0, 20)),
});
type OwnClock = typeof clock extends fc.Arbitrary<infer C> ? C : never;

/** Returns the time of a clock at a time of the lab, and readings before and after the load. */
function read({ ppm, wanderPpm, jumpMs, jumpShare, offsetMs, lengthMs, wrong, errorMs }: OwnClock) {
  // The rate departs in the first half, and as much to the other side in the second.
  const bent = (ms: number) => (ms < 0 || ms > lengthMs ? 0 : Math.min(ms, lengthMs - ms));
  const jumped = (ms: number) => (ms > jumpShare * lengthMs ? jumpMs : 0);
  const own = (ms: number) => ms + offsetMs + (ms * ppm + bent(ms) * wanderPpm) / 1e6 + jumped(ms);
  const readings = [0, 1].map((index) => {
    const atMs = index * lengthMs;
    return reading(atMs, own(atMs) - atMs + wrong[index]! * errorMs[index]!, errorMs[index]!);
  });
  return { own, readings };
}

/** Allows for the rounding of doubles. */
const roundingMs = 1e-5;

function expectBound({ own, readings }: ReturnType<typeof read>, trueMs: number): void {
  const found = onLabClock(readings, own(trueMs));
  expect(Math.abs(found.ms - trueMs)).toBeLessThanOrEqual(found.errorMs + roundingMs);
}

function expectLoadBound({ own, readings }: ReturnType<typeof read>, trueMs: number): void {
  const foundMs = own(trueMs) - loadOffsetMs(readings);
  const errorMs = loadErrorMs({ processes: [{ process: 'a', agent: true, readings }] });
  expect(Math.abs(foundMs - trueMs)).toBeLessThanOrEqual(errorMs + roundingMs);
}

/** True if no drift can hide the jump. */
const isLargeJump = ({ jumpMs, lengthMs, errorMs: [first, last] }: OwnClock) =>
  Math.abs(jumpMs) > 2 * (rateErrorMax * lengthMs + first + last);

/** Both rates at their limits: an error in the process's time is then largest in the lab's. */
const fastest: OwnClock = {
  ppm: -500,
  wanderPpm: 0,
  jumpMs: 0,
  jumpShare: 0.5,
  offsetMs: 0,
  lengthMs: 60_000,
  share: 1,
  wrong: [0, 0],
  errorMs: [0, 0],
};

describe('onLabClock and loadErrorMs never state less than the true error', () => {
  test.prop([clock], { numRuns: 1000 })('while a clock drifts and wanders', (each) => {
    const { share, lengthMs } = each;
    const drifting = read({ ...each, jumpMs: 0, ppm: each.ppm * 0.96 }); // the rate with its wander is at most 500 ppm
    expectBound(drifting, share * lengthMs);
    expectLoadBound(drifting, share * lengthMs);
  });

  test.prop([clock, fc.constantFrom(-1, 1)], { numRuns: 1000, examples: [[fastest, 1]] })(
    'up to a minute before the first and after the last reading',
    (each, side) => {
      const outsideMs = side * each.share * 60_000;
      const trueMs = side < 0 ? outsideMs : each.lengthMs + outsideMs;
      expectBound(read({ ...each, jumpMs: 0 }), trueMs);
      expectBound(read(each), trueMs);
    },
  );

  test.prop([clock], { numRuns: 1000 })('around a jump as small as a drift', (each) => {
    const { share, lengthMs } = each;
    const jumping = read({ ...each, ppm: 0, wanderPpm: 0 });
    expectBound(jumping, share * lengthMs);
    expectLoadBound(jumping, share * lengthMs);
  });

  test.prop([clock.filter(isLargeJump)], { numRuns: 1000 })('around a jump of a drifting clock', (each) => {
    const { share, lengthMs } = each;
    const jumping = read({ ...each, wanderPpm: 0 });
    expectBound(jumping, share * lengthMs);
    expectLoadBound(jumping, share * lengthMs);
  });
});

test('EffectClock.toLab converts each line by the clock of the process that wrote it', () => {
  const processes = [
    { process: 'gateway', readings: [reading(0, 1)] },
    { process: 'downstream-1', readings: [reading(0, 1000, 0.1)], effects: 2 },
    { process: 'downstream-2', readings: [reading(0, -50, 0.3)], effects: 1 },
  ];
  const clock = new EffectClock({ processes });
  expect([1, 2, 3].map((line) => clock.toLab(1010, line))).toEqual([10, 10, 1060]);
  expect(clock.errorMs).toBeCloseTo(0.3 + 1060 * rateErrorMax);
});

test('loadErrorMs is the error of the first reading of an agent, with all later drift', () => {
  const agent = (...readings: ClockReading[]) => ({ process: 'a', agent: true, readings });
  const drifted = agent(reading(0, 5, 0.1), reading(1000, 5.5, 0.2));
  expect(loadErrorMs({ processes: [drifted] })).toBeCloseTo(0.7 + 0.02 + 0.0075); // 15 ppm of half a second
  expect(loadErrorMs({ processes: [agent(reading(0, 0.1, 0.2, { shared: true }))] })).toBe(0.02);
  expect(loadErrorMs({ processes: [{ process: 'gateway', readings: [reading(0, 9, 9)] }] })).toBe(0.02);
});

test('loadErrorMs covers a first reading that took the clock for the shared one', () => {
  const readings = [reading(0, 0.3, 0.4, { shared: true }), reading(1000, 5, 0.1)];
  expect(loadOffsetMs(readings)).toBe(0);
  expect(loadErrorMs({ processes: [{ process: 'a', agent: true, readings }] })).toBeGreaterThan(5.1);
});

test('summaryOf tells offset, drift and the error in the middle', () => {
  const { offsetMs, driftMs, errorMs } = summaryOf([reading(0, 10, 0.1), reading(10_000, 10.2, 0.3)]);
  expect([offsetMs, driftMs, errorMs].map((ms) => Number(ms.toFixed(3)))).toEqual([10, 0.2, 0.375]);
  expect(summaryOf([reading(0, 0.1, 1, { shared: true })])).toEqual({
    offsetMs: 0,
    driftMs: 0,
    errorMs: 0.02,
  });
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
