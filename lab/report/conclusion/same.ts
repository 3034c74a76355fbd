import { measuredVariants, roundDeadlines } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, number, plural, points, range, share } from '#lab/text/format.ts';
import { type Conclusion, conclude, listed, say, type Words } from './conclusion.ts';
import { curveDistance, goodputFloor } from './difference.ts';

/** Finds variants that a caller can't tell apart, what they share, and what they cost. */
export function same(result: Result): Conclusion[] {
  const deadlines = roundDeadlines(result);
  if (deadlines.length === 0) return [];
  return groupsOf(measuredVariants(result), deadlines).flatMap((group) => {
    const mixed = new Set(group.map((variant) => variant.path)).size > 1;
    const title = mixed ? 'RPC and events behave the same here' : 'No difference to the caller';
    return conclude('note', title, pointOf(group, deadlines));
  });
}

/** Groups variants: each joins the first group in which it resembles every member. */
function groupsOf(variants: readonly VariantResult[], deadlines: readonly number[]): VariantResult[][] {
  const groups: VariantResult[][] = [];
  for (const variant of variants) {
    const alike = (other: VariantResult) => curveDistance(variant, other, deadlines) <= goodputFloor;
    const group = groups.find((members) => members.every(alike));
    if (group) group.push(variant);
    else groups.push([variant]);
  }
  return groups.filter((group) => group.length > 1);
}

function pointOf(group: readonly VariantResult[], deadlines: readonly number[]): Words {
  const distance = Math.max(...group.flatMap((a) => group.map((b) => curveDistance(a, b, deadlines))));
  const apart = distance < 0.001 ? 'less than 0.1 points' : `at most ${points(distance)}`;
  const [first = 0, last = 0] = [deadlines[0], deadlines.at(-1)];
  const when =
    first === last
      ? `a deadline of ${duration(first)}`
      : `round deadlines from ${duration(first)} to ${duration(last)}`;
  const goodputs = group.map((variant) => variant.goodput);
  const [least, most] = [share(Math.min(...goodputs)), share(Math.max(...goodputs))];
  const goodput = least === most ? most : `${least} to ${most}`;
  return say`The goodput of ${listed(group)} differs by ${apart} at ${when} (${goodput} at the experiment's).${priceOf(group)}${inCommonOf(group)}`;
}

/** Compares the cost of the same result for downstream. */
function priceOf(group: readonly VariantResult[]): Words {
  const byCost = [...group].sort((a, b) => b.amplification - a.amplification);
  const [most, least] = [byCost[0], byCost.at(-1)];
  if (!most || !least || most.amplification < 1.5 * least.amplification) return [];
  return say` But ${most} needs ${plural(most.amplification, 'attempt')} per request, ${least} ${number(least.amplification)}.`;
}

/** Names the bound on requests in flight, if all share it: it explains the same good result. */
function inCommonOf(group: readonly VariantResult[]): Words {
  const peaks = group.flatMap((variant) => variant.peakInFlight ?? []);
  const latencies = group.map((variant) => variant.latency?.p99Ms).filter((value) => value !== undefined);
  const [low, high] = [Math.min(...peaks), Math.max(...peaks)];
  if (peaks.length < group.length || high > 1.1 * low + 1 || group.some(({ goodput }) => goodput < 0.5))
    return [];
  const p99 = latencies.length === group.length ? `, with a p99 of ${range(latencies, duration)}` : '';
  return say` Each had at most ${range(peaks, number)} ${inNumber(high, 'attempt')} in flight at downstream${p99}.`;
}
