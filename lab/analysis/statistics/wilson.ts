import type { Estimate } from './bootstrap.ts';
import { z95 } from './normal.ts';

/** How often something happened. */
export interface Tally {
  readonly count: number;
  /** At least 1. */
  readonly of: number;
}

/** The probability behind a tally (Wilson 1927): also 0 of 10 leaves it open. */
export function wilson({ count, of }: Tally): Estimate {
  const p = count / of;
  const z2 = z95 ** 2;
  const centre = (p + z2 / (2 * of)) / (1 + z2 / of);
  const half = (z95 / (1 + z2 / of)) * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of * of));
  return { value: p, low: count === 0 ? 0 : centre - half, high: count === of ? 1 : centre + half };
}

/** In how many of at least one it is so, and the probability behind that. */
export function tallyOf<T>(all: readonly T[], isSo: (each: T) => boolean): Tally & Estimate {
  const tally = { count: all.filter(isSo).length, of: all.length };
  return { ...tally, ...wilson(tally) };
}

/** By how much one probability exceeds another, from their Wilson intervals (Newcombe 1998, method 10). */
export const wilsonDifference = (after: Tally, before: Tally): Estimate =>
  apart(wilson(after), wilson(before));

/** By how much one estimate exceeds another, from their intervals, by that same method. */
export function apart(a: Estimate, b: Estimate): Estimate {
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  };
}
