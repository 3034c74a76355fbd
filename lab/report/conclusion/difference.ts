import { goodputWithin } from '#lab/experiment/hypothesis/metrics.ts';
import type { VariantResult } from '#lab/result/result.ts';

/** A smaller difference in goodput is not worth a word, however many requests show it; predictions may be as far off. */
export const goodputFloor = 0.05;

/** Goodput at the experiment's deadline, or at another on the variant's curve. */
export const goodputOf = (variant: VariantResult, deadlineMs?: number): number =>
  deadlineMs === undefined ? variant.goodput : (goodputWithin(variant, deadlineMs) ?? 0);

/** By how much one variant's goodput exceeds another's. */
export const lead = (a: VariantResult, b: VariantResult, deadlineMs?: number): number =>
  goodputOf(a, deadlineMs) - goodputOf(b, deadlineMs);

/** The largest distance between two goodput curves at these deadlines, 0 when there are none. */
export const curveDistance = (a: VariantResult, b: VariantResult, deadlines: readonly number[]): number =>
  Math.max(0, ...deadlines.map((deadlineMs) => Math.abs(lead(a, b, deadlineMs))));

/**
 * Whether one variant's goodput exceeds another's by what counts: {@link goodputFloor}, and twice the standard error of the
 * difference where few requests make that more.
 */
export function isAhead(a: VariantResult, b: VariantResult, deadlineMs?: number): boolean {
  const error = Math.hypot(...[a, b].map((each) => standardError(goodputOf(each, deadlineMs), each.offered)));
  return lead(a, b, deadlineMs) >= Math.max(goodputFloor, 2 * error);
}

/** Of a proportion, with one success and one failure more than were seen (Agresti and Caffo): 10 of 10 is not certainty. */
function standardError(share: number, of: number): number {
  const p = (share * of + 1) / (of + 2);
  return Math.sqrt((p * (1 - p)) / (of + 2));
}

/** The variants that none is ahead of: the one with the most goodput, and whoever ties with it. */
export function leadersOf(variants: readonly VariantResult[], deadlineMs?: number): VariantResult[] {
  const best = variants.toSorted((a, b) => lead(b, a, deadlineMs))[0];
  return variants.filter((variant) => best !== undefined && !isAhead(best, variant, deadlineMs));
}

/** The variants that are ahead of none: the one with the least goodput, and whoever ties with it. */
export function trailersOf(variants: readonly VariantResult[]): VariantResult[] {
  const worst = variants.toSorted(lead)[0];
  return variants.filter((variant) => worst !== undefined && !isAhead(variant, worst));
}

/**
 * Whether a latency exceeds another by what counts: 10 %, as predictions may be off, and 10 ms, by which a valid run's
 * downstream may oversleep.
 */
export const isLonger = (aMs: number, bMs: number): boolean => aMs - bMs >= Math.max(10, 0.1 * aMs);
