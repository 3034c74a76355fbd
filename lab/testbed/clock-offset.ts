import { type Clock, sharedClockErrorMs } from '#kit/clock.ts';
import { type ClockReading, rateErrorMax } from '#lab/evidence/clocks.ts';

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
export type SendPing = (withinMs?: number) => Promise<Ping>;

/**
 * Estimates the offset of a clock from pings. No message arrives before it is sent. So each ping bounds the offset from
 * both sides, as in NTP: answered − returned ≤ offset ≤ received − sent. All pings together bound it at least as
 * tightly as the fastest one. Their bounds widen with the distance from the middle of the pings, since the clocks may
 * run at different rates. If the bounds contradict each other, the clock jumped, and the error covers all of them.
 */
export function offsetOf(pings: readonly Ping[]): Pick<ClockReading, 'atMs' | 'offsetMs' | 'errorMs'> {
  const first = Math.min(...pings.map(({ sentAtMs }) => sentAtMs));
  const last = Math.max(...pings.map(({ returnedAtMs }) => returnedAtMs));
  const atMs = (first + last) / 2;
  const bounds = pings.map(({ sentAtMs, receivedAtMs, answeredAtMs, returnedAtMs }) => {
    // Bounds hold from the sending to the return, so the farther of the two counts.
    const driftMs = rateErrorMax * Math.max(Math.abs(atMs - sentAtMs), Math.abs(returnedAtMs - atMs));
    return { least: answeredAtMs - returnedAtMs - driftMs, most: receivedAtMs - sentAtMs + driftMs };
  });
  const least = bounds.map((bound) => bound.least);
  const most = bounds.map((bound) => bound.most);
  const tight = [Math.max(...least), Math.min(...most)] as const;
  const [low, high] = tight[0] <= tight[1] ? tight : [Math.min(...least), Math.max(...most)];
  return { atMs, offsetMs: (low + high) / 2, errorMs: (high - low) / 2 };
}

/** Bounds of a measurement. It ends when the error is small enough, or a bound is reached. */
const pingsMin = 4;
const pingsMax = 40;
const usualMs = 1000;
const goodMs = 0.05;

interface ReadOptions {
  readonly clock: Clock;
  /** Id of the lab's clock. */
  readonly id: string | undefined;
  /** Time after which no further ping is sent. @default 1 s */
  readonly withinMs?: number | undefined;
}

/**
 * Measures the offset of a clock by up to 40 pings, one after another, within about a second. Rejects as `ping` does.
 */
export async function readClock(
  ping: () => Promise<Ping>,
  { clock, id, withinMs = usualMs }: ReadOptions,
): Promise<ClockReading> {
  const pings: Ping[] = [];
  const giveUpAtMs = clock.now() + withinMs;
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
