import { pairedDifference } from '#lab/analysis/statistics/bootstrap.ts';
import { goodputWithin } from '#lab/experiment/hypothesis/metrics.ts';
import type { VariantResult } from '#lab/result/result.ts';

/** Smallest difference in goodput worth mentioning, for any number of requests. Forecasts have the same tolerance. */
export const goodputFloor = 0.05;

/** Returns the goodput at the experiment's deadline, or at another deadline by the variant's curve. */
export const goodputOf = (variant: VariantResult, deadlineMs?: number): number =>
  deadlineMs === undefined ? variant.goodput : (goodputWithin(variant, deadlineMs) ?? 0);

export const lead = (a: VariantResult, b: VariantResult, deadlineMs?: number): number =>
  goodputOf(a, deadlineMs) - goodputOf(b, deadlineMs);

/** Returns the largest distance between two goodput curves at these deadlines; 0 without deadlines. */
export const curveDistance = (a: VariantResult, b: VariantResult, deadlines: readonly number[]): number =>
  Math.max(0, ...deadlines.map((deadlineMs) => Math.abs(lead(a, b, deadlineMs))));

/**
 * True if one variant's goodput exceeds another's by {@link goodputFloor}, and chance does not explain it: the difference
 * is at least twice its standard error, or with rounds its whole interval is above 0.
 */
export function isAhead(a: VariantResult, b: VariantResult, deadlineMs?: number): boolean {
  const difference = lead(a, b, deadlineMs);
  if (difference < goodputFloor) return false;
  const least = deadlineMs === undefined ? leastOverRounds(a, b) : undefined;
  if (least !== undefined) return least > 0;
  const error = Math.hypot(...[a, b].map((each) => standardError(goodputOf(each, deadlineMs), each.offered)));
  return difference >= 2 * error;
}

/** Returns the lower end of the interval of a difference over rounds; undefined without at least two common rounds. */
function leastOverRounds(a: VariantResult, b: VariantResult): number | undefined {
  if (!a.goodputs || !b.goodputs) return undefined;
  const [first, second] = [a.goodputs, b.goodputs].map(
    (all) => new Map(all.map(({ seed, goodput }) => [seed, goodput])),
  );
  const { low = Number.NaN } = pairedDifference(first!, second!) ?? {};
  return Number.isNaN(low) ? undefined : low;
}

/**
 * Returns the standard error of a proportion. Adds one success and one failure (Agresti and Caffo), so that 10 of 10
 * don't give 0.
 */
function standardError(share: number, of: number): number {
  const p = (share * of + 1) / (of + 2);
  return Math.sqrt((p * (1 - p)) / (of + 2));
}

/** Returns the variant with the most goodput, and the variants that are not significantly behind it. */
export function leadersOf(variants: readonly VariantResult[], deadlineMs?: number): VariantResult[] {
  const best = variants.toSorted((a, b) => lead(b, a, deadlineMs))[0];
  return variants.filter((variant) => best !== undefined && !isAhead(best, variant, deadlineMs));
}

/** Returns the variant with the least goodput, and the variants that are not significantly ahead of it. */
export function trailersOf(variants: readonly VariantResult[]): VariantResult[] {
  const worst = variants.toSorted(lead)[0];
  return variants.filter((variant) => worst !== undefined && !isAhead(variant, worst));
}

/**
 * True if `aMs` exceeds `bMs` by 10 ms (the tolerance of downstream's sleep) and by 10 % of itself (the tolerance of
 * forecasts).
 */
export const isLonger = (aMs: number, bMs: number): boolean => aMs - bMs >= Math.max(10, 0.1 * aMs);
