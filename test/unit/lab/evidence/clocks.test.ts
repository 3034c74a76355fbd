import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
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

test('onLabClock subtracts the offset, which it interpolates between two readings', () => {
  const readings = [reading(0, 1000, 0.1), reading(100_000, 1040, 0.2)];
  const half = onLabClock(readings, 51_020);
  expect(half.ms).toBeCloseTo(50_000);
  expect(half.errorMs).toBeCloseTo(0.2 + 0.75); // 15 ppm of 50 s
  expect(onLabClock(readings, 1000)).toEqual({ ms: 0, errorMs: 0.1 });
});

test('onLabClock trusts the last reading less with time', () => {
  const { ms, errorMs } = onLabClock([reading(0, 1000, 0.1)], 11_000);
  expect(ms).toBe(10_000);
  expect(errorMs).toBeCloseTo(0.1 + 5); // 500 ppm of 10 s
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

/** Drift in ppm between two readings, and how far it departs from its mean in the first half. */
const drift = fc.record({
  ppm: fc.integer({ min: -480, max: 480 }),
  wanderPpm: fc.integer({ min: -15, max: 15 }),
  offsetMs: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  lengthMs: fc.integer({ min: 100, max: 3_600_000 }),
  share: fc.double({ min: -0.2, max: 1.2, noNaN: true }),
  wrongMs: fc.tuple(...[0, 1].map(() => fc.double({ min: -1, max: 1, noNaN: true }))),
  errorMs: fc.double({ min: 0, max: 20, noNaN: true }),
});
type Drift = typeof drift extends fc.Arbitrary<infer D> ? D : never;

/** Returns a drifting clock, and two readings of it. */
function drifted({ ppm, wanderPpm, offsetMs, lengthMs, wrongMs, errorMs }: Drift) {
  // The rate departs in the first half, and as much to the other side in the second.
  const bent = (ms: number) => (ms < 0 || ms > lengthMs ? 0 : Math.min(ms, lengthMs - ms));
  const own = (ms: number) => ms + offsetMs + (ms * ppm + bent(ms) * wanderPpm) / 1e6;
  const read = (ms: number, wrong: number) => reading(ms, own(ms) - ms + wrong * errorMs, errorMs);
  return { own, readings: [read(0, wrongMs[0]!), read(lengthMs, wrongMs[1]!)] };
}

/** Both rates at their limits: an error in the process's time is then largest in the lab's. */
const fastest = {
  ppm: -480,
  wanderPpm: -15,
  offsetMs: 0,
  lengthMs: 3_600_000,
  share: 0.5,
  wrongMs: [0, 0],
  errorMs: 0,
};

test.prop([drift], { numRuns: 1000, examples: [[fastest]] })(
  'onLabClock never states less than its true error',
  (drifting) => {
    const { own, readings } = drifted(drifting);
    const trueMs = drifting.share * drifting.lengthMs;
    const found = onLabClock(readings, own(trueMs));
    expect(Math.abs(found.ms - trueMs)).toBeLessThanOrEqual(found.errorMs + 1e-5);
  },
);

test.prop([drift], { numRuns: 1000 })(
  'loadErrorMs is never less than the true error of a time between the readings, converted by loadOffsetMs',
  (drifting) => {
    const { own, readings } = drifted(drifting);
    const trueMs = Math.min(1, Math.max(0, drifting.share)) * drifting.lengthMs;
    const foundMs = own(trueMs) - loadOffsetMs(readings);
    const errorMs = loadErrorMs({ processes: [{ process: 'a', agent: true, readings }] });
    expect(Math.abs(foundMs - trueMs)).toBeLessThanOrEqual(errorMs + 1e-5);
  },
);

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
  ['certainly apart', 5030, 29.3],
  ['perhaps the same', 5000.6, 0],
])('wallDifferenceMs is the difference beyond the errors: %s', (_what, offsetMs, differMs) => {
  const wallClocks = [
    { process: 'broker', atMs: 0, offsetMs: 5000, errorMs: 0.3 },
    { process: 'consumer', atMs: 1, offsetMs: 5000, errorMs: 0.4 },
    { process: 'broker', atMs: 1000, offsetMs: 5000, errorMs: 0.3 },
    { process: 'consumer', atMs: 1001, offsetMs, errorMs: 0.4 },
  ];
  expect(wallDifferenceMs({ wallClocks })).toBeCloseTo(differMs);
  expect(wallDifferenceMs({ wallClocks: wallClocks.slice(1, 2) })).toBe(0);
  expect(wallDifferenceMs({})).toBeUndefined();
});
