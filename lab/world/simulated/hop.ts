import type { Clock } from '#kit/clock.ts';
import type { Listener } from './process.ts';

/** Calls `deliver`, at once or after a delay. */
export type Delay = (deliver: () => void) => void;

/** Returns the delay of one direction of a hop. Half of the overhead is before the work, half after it. */
export const delayOf = (clock: Clock, overheadMs: number): Delay =>
  overheadMs === 0 ? (deliver) => deliver() : (deliver) => void clock.after(overheadMs / 2, deliver);

/** Way from clients to a server. */
export interface Wire {
  readonly server: Listener;
  readonly delay: Delay;
  readonly clock: Clock;
}

export const wireTo = (server: Listener, overheadMs: number, clock: Clock): Wire => ({
  server,
  delay: delayOf(clock, overheadMs),
  clock,
});
