import { pairedDifference } from '#lab/analysis/statistics/bootstrap.ts';
import type { VariantResult } from '#lab/result/result.ts';

/** Smallest difference in goodput worth mentioning, for any number of requests. Forecasts have the same tolerance. */
const goodputFloor = 0.05;

export const lead = (a: VariantResult, b: VariantResult): number => a.goodput - b.goodput;

/**
 * True if one variant's goodput exceeds another's by {@link goodputFloor}, and chance does not explain it: the difference
 * is at least twice its standard error, or with rounds its whole interval is above 0.
 */
export function isAhead(a: VariantResult, b: VariantResult): boolean {
  const difference = lead(a, b);
  if (difference < goodputFloor) return false;
  const least = leastOverRounds(a, b);
  if (least !== undefined) return least > 0;
  const error = Math.hypot(...[a, b].map(({ goodput, offered }) => standardError(goodput, offered)));
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
export function leadersOf(variants: readonly VariantResult[]): VariantResult[] {
  const best = variants.toSorted((a, b) => lead(b, a))[0];
  return variants.filter((variant) => best !== undefined && !isAhead(best, variant));
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
