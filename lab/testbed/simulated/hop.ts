import type { Clock } from '#kit/clock.ts';

/** Calls `deliver`, at once or after a delay. */
export type Hop = (deliver: () => void) => void;

/** Returns one direction of a hop. Half of the overhead is before the work, half after it. */
export const hopOf = (clock: Clock, overheadMs: number): Hop =>
  overheadMs === 0 ? (deliver) => deliver() : (deliver) => void clock.after(overheadMs / 2, deliver);
