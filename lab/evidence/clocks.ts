import { sharedClockErrorMs } from '#kit/clock.ts';
import type { ToLab } from './effects.ts';
import type { Of } from './format.ts';

/** Reading of the clock of a process. */
export type ClockReading = Of<'clocks'>['processes'][number]['readings'][number];

/** Time on the lab's clock, and the bound of its error. */
interface LabTime {
  readonly ms: number;
  readonly errorMs: number;
}

/**
 * Rate by which a clock may depart from its mean rate between two readings. RFC 5905 calls it the frequency tolerance
 * (PHI).
 */
const wanderMax = 15e-6;

/** Largest difference of the rates of two clocks: ntpd corrects a clock by up to 500 ppm. */
export const rateErrorMax = 500e-6;

/** Largest factor from an error in a process's time to one in the lab's, since their rates differ by up to 500 ppm. */
const toLabMax = (1 + rateErrorMax) ** 2;

/** Longest time before the first or after the last reading in which a process may have stamped a time. */
const outsideMs = 60_000;

/**
 * Converts a time of a process to the lab's clock, by the readings of the process's clock in the order of time.
 * - Between two readings the offset is the middle of theirs. The error covers both readings with their errors, plus what
 *   the clock may have departed from its mean rate. So it also covers a jump that is small enough to pass for drift.
 * - Before the first and after the last reading the offset stays the same, and the error grows by 500 ppm.
 * - A shared clock needs no conversion.
 *
 * A time may fit several spans if the process was restarted with another clock, or if its clock jumped. Then the result
 * covers all of them.
 */
export const onLabClock = (readings: readonly ClockReading[], ms: number): LabTime =>
  conversionBy(readings)(ms);

/** Returns a function like `onLabClock` for many times by the same readings. */
function conversionBy(readings: readonly ClockReading[]): (ms: number) => LabTime {
  if (isShared(readings)) return (ms) => ({ ms, errorMs: sharedClockErrorMs });
  const spans = spansOf(readings);
  return (ms) => {
    const times = spans.map((span) => inSpan(span, ms));
    const fitting = times.filter(({ ms, errorMs }, index) => {
      const { fromMs, untilMs } = spans[index]!;
      return ms >= fromMs - errorMs && ms <= untilMs + errorMs;
    });
    return covering(fitting.length > 0 ? fitting : times);
  };
}

function covering(times: readonly LabTime[]): LabTime {
  if (times.length === 1) return times[0]!;
  const low = Math.min(...times.map(({ ms, errorMs }) => ms - errorMs));
  const high = Math.max(...times.map(({ ms, errorMs }) => ms + errorMs));
  return { ms: (low + high) / 2, errorMs: (high - low) / 2 };
}

/** Converts the times of effects to the lab's clock, and keeps the largest error. */
export class EffectClock {
  /** Largest error of the times so far. */
  errorMs = 0;
  readonly #logs: readonly { readonly onLabClock: (ms: number) => LabTime; readonly lastLine: number }[];

  constructor({ processes }: Pick<Of<'clocks'>, 'processes'>) {
    let lastLine = 0;
    this.#logs = processes.flatMap(({ readings, effects }) => {
      if (effects === undefined) return [];
      lastLine += effects;
      return { onLabClock: conversionBy(readings), lastLine };
    });
  }

  readonly toLab: ToLab = (ownMs, line) => {
    const log = this.#logs.find(({ lastLine }) => line <= lastLine);
    if (!log) return ownMs;
    const { ms, errorMs } = log.onLabClock(ownMs);
    this.errorMs = Math.max(this.errorMs, errorMs);
    return ms;
  };
}

/** Returns the offset by which times of the load are converted: that of the first reading, or 0 of a shared clock. */
export const loadOffsetMs = ([first]: readonly ClockReading[]): number =>
  first && !first.shared ? first.offsetMs : 0;

/**
 * Returns the largest error of the times that the generator or load agents report. Each generator is a process beside
 * the one whose clock is read, or beside the lab.
 */
export function loadErrorMs({ processes }: Pick<Of<'clocks'>, 'processes'>): number {
  const agents = processes.filter(({ agent, readings }) => agent && !isShared(readings));
  return sharedClockErrorMs + Math.max(0, ...agents.map(({ readings }) => agentErrorMs(readings)));
}

/** Returns the largest error of an agent's times. All are converted by one offset, so the error includes the drift. */
function agentErrorMs(readings: readonly ClockReading[]): number {
  const usedMs = loadOffsetMs(readings);
  const errors = readings.map(({ offsetMs, errorMs }) => Math.abs(offsetMs - usedMs) + errorMs);
  const betweenMs = readings.at(-1)!.atMs - readings[0]!.atMs;
  // Before and after a jump, the offset may have drifted away from the readings.
  const jumped = readings.some((after, index) => index > 0 && !isOneClock(readings[index - 1]!, after));
  const rateError = jumped ? rateErrorMax : wanderMax / 2;
  return Math.max(...errors) + rateError * betweenMs;
}

/**
 * Returns by how much the wall clocks of the broker and of a consumer may have differed: their measured difference and
 * its error. Undefined without readings of both. Readings of all processes were taken before the load, and again after it.
 */
export function wallDifferenceMs({ wallClocks }: Pick<Of<'clocks'>, 'wallClocks'>): number | undefined {
  const of = Object.groupBy(wallClocks ?? [], ({ process }) =>
    process === 'broker' ? 'broker' : 'consumers',
  );
  if (!of.broker || !of.consumers) return undefined;
  const differences = of.consumers.map((one) => {
    const apartMs = (other: { readonly atMs: number }) => Math.abs(other.atMs - one.atMs);
    const [broker] = of.broker!.toSorted((a, b) => apartMs(a) - apartMs(b));
    return Math.abs(one.offsetMs - broker!.offsetMs) + one.errorMs + broker!.errorMs;
  });
  return Math.max(...differences);
}

/** Returns the offset before the load, its change, and the largest error of the offset in between. */
export function summaryOf(readings: readonly ClockReading[]) {
  const [first] = readings;
  const last = readings.at(-1);
  if (!first || !last || isShared(readings)) return { offsetMs: 0, driftMs: 0, errorMs: sharedClockErrorMs };
  const middle = (first.atMs + first.offsetMs + last.atMs + last.offsetMs) / 2;
  const driftMs = last.offsetMs - first.offsetMs;
  return { offsetMs: first.offsetMs, driftMs, errorMs: onLabClock(readings, middle).errorMs };
}

/** True if a process reads the lab's clock. */
export const isShared = (readings: readonly ClockReading[]): boolean =>
  readings.every(({ shared }) => shared);

/** Time on the lab's clock in which an offset applies. */
interface Span extends Pick<ClockReading, 'offsetMs' | 'errorMs'> {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Increase of the error per ms of distance from the nearest reading. */
  readonly rateError: number;
  /** Times of the readings, on the clock of the process. */
  readonly ownMs: readonly number[];
}

/** Returns the spans around the readings. Between readings of different clocks, either one may apply. */
function spansOf(readings: readonly ClockReading[]): Span[] {
  const [first, last] = [readings[0]!, readings.at(-1)!];
  const between = readings.slice(1).flatMap((after, index) => {
    const before = readings[index]!;
    const spans = isOneClock(before, after) ? [[before, after]] : [[before], [after]];
    return spans.map((near) => spanOf(near, before.atMs, after.atMs));
  });
  return [
    spanOf([first], first.atMs - outsideMs, first.atMs),
    ...between,
    spanOf([last], last.atMs, last.atMs + outsideMs),
  ];
}

/** Returns the span between two readings, or beside one. */
function spanOf(near: readonly ClockReading[], fromMs: number, untilMs: number): Span {
  const ownMs = near.map(({ atMs, offsetMs }) => atMs + offsetMs);
  if (isShared(near))
    return { fromMs, untilMs, ownMs, offsetMs: 0, errorMs: sharedClockErrorMs, rateError: 0 };
  const low = Math.min(...near.map(({ offsetMs, errorMs }) => offsetMs - errorMs));
  const high = Math.max(...near.map(({ offsetMs, errorMs }) => offsetMs + errorMs));
  const rateError = near.length === 2 ? wanderMax : rateErrorMax;
  return { fromMs, untilMs, ownMs, offsetMs: (low + high) / 2, errorMs: (high - low) / 2, rateError };
}

/**
 * True if two readings are of one clock that has not jumped: their offsets differ by no more than two clocks may drift.
 * Systems without ids count as one clock.
 */
function isOneClock(before: ClockReading, after: ClockReading): boolean {
  const driftMsMax = rateErrorMax * (after.atMs - before.atMs) + before.errorMs + after.errorMs;
  return before.clockId === after.clockId && Math.abs(after.offsetMs - before.offsetMs) <= driftMsMax;
}

function inSpan({ offsetMs, errorMs, rateError, ownMs }: Span, ms: number): LabTime {
  const apartMs = Math.min(...ownMs.map((own) => Math.abs(ms - own)));
  return { ms: ms - offsetMs, errorMs: (errorMs + rateError * apartMs) * toLabMax };
}
