import { type Clock, sharedClockErrorMs } from '#kit/clock.ts';
import type { ToLab } from './effects.ts';
import type { Of } from './format.ts';

/** Times of a ping. The lab's clock stamps the ends, the clock of the process its own part. */
export interface Ping {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  readonly answeredAtMs: number;
  readonly returnedAtMs: number;
  /** Id of the clock of the process; undefined if its system has none. */
  readonly clockId?: string | undefined;
}

/** Sends a ping to a process. Rejects with TestbedError. */
export type SendPing = () => Promise<Ping>;

export type ClockReading = Of<'clocks'>['processes'][number]['readings'][number];

/** Time on the clock of a process minus time on the lab's clock, and the bound of its error. */
export type Offset = Pick<ClockReading, 'offsetMs' | 'errorMs'>;

/** Largest difference of the rates of two clocks: ntpd corrects a clock by up to 500 ppm. */
const rateErrorMax = 500e-6;

/**
 * Estimates the offset of a clock from pings. No message arrives before it is sent. So each ping bounds the offset from
 * both sides, as in NTP: answered − returned ≤ offset ≤ received − sent. All pings together bound it at least as
 * tightly as the fastest one. Their bounds widen with the distance from the middle of the pings, since the clocks may
 * run at different rates.
 */
export function offsetOf(pings: readonly Ping[]): Pick<ClockReading, 'atMs' | 'offsetMs' | 'errorMs'> {
  const atMs = (pings[0]!.sentAtMs + pings.at(-1)!.returnedAtMs) / 2;
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { sentAtMs, receivedAtMs, answeredAtMs, returnedAtMs } of pings) {
    // Bounds hold from the sending to the return, so the farther of the two counts.
    const driftMs = rateErrorMax * Math.max(Math.abs(atMs - sentAtMs), Math.abs(returnedAtMs - atMs));
    low = Math.max(low, answeredAtMs - returnedAtMs - driftMs);
    high = Math.min(high, receivedAtMs - sentAtMs + driftMs);
  }
  // The bounds contradict each other if the clock was set meanwhile. Twice the error then covers both offsets.
  return { atMs, offsetMs: (low + high) / 2, errorMs: low > high ? low - high : (high - low) / 2 };
}

/** Bounds of a measurement. It ends when the error is small enough, or a bound is reached. */
const pingsMin = 4;
const pingsMax = 40;
const longestMs = 1000;
const goodMs = 0.05;

/** Measures the offset of a clock within about a second. `id` is the lab's clock. Rejects as `ping` does. */
export async function readClock(ping: SendPing, clock: Clock, id: string | undefined): Promise<ClockReading> {
  const pings: Ping[] = [];
  const giveUpAtMs = clock.now() + longestMs;
  for (;;) {
    pings.push(await ping());
    const offset = offsetOf(pings);
    const { clockId } = pings.at(-1)!;
    const isKnown = id !== undefined && pings.every((each) => each.clockId === id);
    // The id is checked against the pings, since copies of a virtual machine may have the same one.
    const shared = isKnown && Math.abs(offset.offsetMs) <= offset.errorMs + sharedClockErrorMs;
    const isLast = pings.length >= pingsMax || clock.now() >= giveUpAtMs;
    const isGood = pings.length >= pingsMin && (shared || offset.errorMs <= goodMs);
    if (isLast || isGood) return { ...offset, shared, ...(clockId !== undefined && { clockId }) };
  }
}

/** True if a process reads the lab's clock. */
export const isShared = (readings: readonly ClockReading[]): boolean =>
  readings.every(({ shared }) => shared);

/** Returns the offset of a clock during a run. Its error covers all readings, and so the drift between them. */
export function offsetDuring(readings: readonly ClockReading[]): Offset {
  if (isShared(readings)) return { offsetMs: 0, errorMs: sharedClockErrorMs };
  const low = Math.min(...readings.map(({ offsetMs, errorMs }) => offsetMs - errorMs));
  const high = Math.max(...readings.map(({ offsetMs, errorMs }) => offsetMs + errorMs));
  return { offsetMs: (low + high) / 2, errorMs: (high - low) / 2 };
}

type Processes = Pick<Of<'clocks'>, 'processes'>;

/** Returns a function that converts the times of effects to the lab's clock, and the largest error of such a time. */
export function effectClock({ processes }: Processes): { readonly toLab: ToLab; readonly errorMs: number } {
  let lastLine = 0;
  const logs = processes.flatMap(({ readings, effects }) => {
    if (!effects) return [];
    lastLine += effects;
    return { ...offsetDuring(readings), lastLine };
  });
  return {
    errorMs: Math.max(0, ...logs.map(({ errorMs }) => errorMs)),
    toLab: (ownMs, line) => ownMs - (logs.find(({ lastLine }) => line <= lastLine)?.offsetMs ?? 0),
  };
}

/**
 * Returns by how much the wall clocks of the broker and of a consumer may have differed: their measured difference and
 * its error. Undefined without readings of both. A consumer is read after the broker.
 */
export function wallDifferenceMs({ wallClocks = [] }: Pick<Of<'clocks'>, 'wallClocks'>): number | undefined {
  let broker: Offset | undefined;
  let most: number | undefined;
  for (const { process, ...one } of wallClocks) {
    if (process === 'broker') broker = one;
    else if (broker)
      most = Math.max(most ?? 0, Math.abs(one.offsetMs - broker.offsetMs) + one.errorMs + broker.errorMs);
  }
  return most;
}
