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

/** Largest difference of the rates of two clocks: the kernel corrects a clock by up to 500 ppm. */
export const rateErrorMax = 500e-6;

/** Largest factor from an error in a process's time to one in the lab's: the rate used is itself wrong by up to 500 ppm. */
const toLabMax = (1 + rateErrorMax) ** 2;

/** Longest time before the first or after the last reading in which a restarted process may have stamped a time. */
const outsideMs = 60_000;

/**
 * Converts a time of a process to the lab's clock, by the readings of the process's clock in the order of time.
 * - Between two readings the offset is interpolated. The error is the larger one of the two readings, plus what the
 *   clock may have departed from its mean rate. If the offset changed faster than two clocks may drift, the clock
 *   jumped: the error then covers the whole change.
 * - Before the first and after the last reading the offset stays the same, and the error grows by 500 ppm.
 * - A shared clock needs no conversion.
 *
 * If the process was restarted with another clock, a time may fit several clocks. Then the result covers all of them.
 */
export function onLabClock(readings: readonly ClockReading[], ms: number): LabTime {
  if (isShared(readings)) return { ms, errorMs: sharedClockErrorMs };
  const clocks = clocksIn(readings);
  const times = clocks.map((own) => onOneClock(own, ms));
  const fitting = times.filter(({ ms, errorMs }, index) => {
    const from = clocks[index - 1]?.at(-1)?.atMs ?? clocks[index]![0]!.atMs - outsideMs;
    const until = clocks[index + 1]?.[0]?.atMs ?? clocks[index]!.at(-1)!.atMs + outsideMs;
    return ms >= from - errorMs && ms <= until + errorMs;
  });
  const all = fitting.length > 0 ? fitting : times;
  if (all.length === 1) return all[0]!;
  const low = Math.min(...all.map(({ ms, errorMs }) => ms - errorMs));
  const high = Math.max(...all.map(({ ms, errorMs }) => ms + errorMs));
  return { ms: (low + high) / 2, errorMs: (high - low) / 2 };
}

/** Converts the times of effects to the lab's clock, and keeps the largest error. */
export class EffectClock {
  /** Largest error of the times so far. */
  errorMs = 0;
  readonly #logs: readonly { readonly readings: readonly ClockReading[]; readonly lastLine: number }[];

  constructor({ processes }: Pick<Of<'clocks'>, 'processes'>) {
    let lastLine = 0;
    this.#logs = processes.flatMap(({ readings, effects }) => {
      if (effects === undefined) return [];
      lastLine += effects;
      return { readings, lastLine };
    });
  }

  readonly toLab: ToLab = (ownMs, line) => {
    const log = this.#logs.find(({ lastLine }) => line <= lastLine);
    if (!log) return ownMs;
    const { ms, errorMs } = onLabClock(log.readings, ownMs);
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
  return Math.max(...errors) + (wanderMax * betweenMs) / 2;
}

/**
 * Returns by how much the wall clocks of the broker and of a consumer certainly differed; 0 if they may have been the
 * same. Undefined without readings. Readings of all processes were taken before the load, and again after it.
 */
export function wallDifferenceMs({ wallClocks }: Pick<Of<'clocks'>, 'wallClocks'>): number | undefined {
  if (!wallClocks) return undefined;
  const brokers = wallClocks.filter(({ process }) => process === 'broker');
  const differences = wallClocks.map((one) => {
    const apartMs = (other: { readonly atMs: number }) => Math.abs(other.atMs - one.atMs);
    const broker = brokers.toSorted((a, b) => apartMs(a) - apartMs(b))[0] ?? one;
    return Math.abs(one.offsetMs - broker.offsetMs) - one.errorMs - broker.errorMs;
  });
  return Math.max(0, ...differences);
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

/** Splits readings where the clock changed: at another id. Systems without ids count as one clock. */
function clocksIn(readings: readonly ClockReading[]): ClockReading[][] {
  const clocks: ClockReading[][] = [];
  for (const reading of readings) {
    const last = clocks.at(-1);
    if (last?.[0]?.clockId === reading.clockId && last) last.push(reading);
    else clocks.push([reading]);
  }
  return clocks;
}

function onOneClock(readings: readonly ClockReading[], ms: number): LabTime {
  if (isShared(readings)) return { ms, errorMs: sharedClockErrorMs };
  const own = ({ atMs, offsetMs }: ClockReading) => atMs + offsetMs;
  const index = readings.findIndex((reading) => own(reading) >= ms);
  const after = readings[index];
  const before = index < 0 ? readings.at(-1) : readings[index - 1];
  if (!before || !after) {
    const { offsetMs, errorMs } = (before ?? after)!;
    const apartMs = Math.abs(ms - own((before ?? after)!));
    return { ms: ms - offsetMs, errorMs: errorMs + rateErrorMax * apartMs };
  }
  const errorMs = Math.max(before.errorMs, after.errorMs);
  const changeMs = Math.abs(after.offsetMs - before.offsetMs);
  const driftMsMax = rateErrorMax * (after.atMs - before.atMs) + before.errorMs + after.errorMs;
  if (changeMs > driftMsMax)
    return { ms: ms - (before.offsetMs + after.offsetMs) / 2, errorMs: errorMs + changeMs / 2 };
  const [fromMs, untilMs] = [own(before), own(after)];
  const share = (ms - fromMs) / (untilMs - fromMs);
  return {
    ms: before.atMs + share * (after.atMs - before.atMs),
    errorMs: (errorMs + wanderMax * Math.min(ms - fromMs, untilMs - ms)) * toLabMax,
  };
}
