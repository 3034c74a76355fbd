import type { Clock } from '#kit/clock.ts';

/** Passes something on, at once or later. */
export type Hop = (deliver: () => void) => void;

/** Returns one direction of a hop whose overhead is half before and half after the work. */
export const hopOf = (clock: Clock, overheadMs: number): Hop =>
  overheadMs === 0 ? (deliver) => deliver() : (deliver) => void clock.after(overheadMs / 2, deliver);
