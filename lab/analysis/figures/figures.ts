import type { Part, Requests } from '#lab/evidence/requests.ts';
import type { Percentiles } from '#lab/result/percentiles.ts';
import type { Window } from '#lab/result/result.ts';

/** What the requests in a part have come to, and the attempts that were made for them. */
export function figuresIn(
  requests: Requests,
  deadlineMs: number,
  deadlinesMs: readonly number[],
  part: Part,
) {
  return { ...figuresOf(requests, deadlineMs, deadlinesMs, part), ...attemptsIn(requests, part) };
}

/** What all requests have come to, or those in a part. */
export function figuresOf(
  requests: Requests,
  deadlineMs: number,
  deadlinesMs: readonly number[],
  part?: Part,
) {
  const outcomes = requests.count(part);
  const completedMs = requests.completedMs(part);
  const offered = part ? Object.values(outcomes).reduce((sum, count) => sum + count, 0) : requests.size;
  const goodputAt = (deadlineMs: number) => countUpTo(completedMs, deadlineMs) / Math.max(1, offered);
  return {
    offered,
    outcomes,
    latency: percentiles(completedMs),
    goodputByDeadline: deadlinesMs.map((deadlineMs) => ({ deadlineMs, goodput: goodputAt(deadlineMs) })),
    goodput: goodputAt(deadlineMs),
  };
}

/** Null if the attempts of none of them are known. */
function attemptsIn(
  requests: Requests,
  part: Part,
): Pick<Window, 'attempts' | 'amplification' | 'unreported'> {
  const { attempts, told, unreported } = requests.attemptsIn(part);
  const found = told > 0;
  return { unreported, attempts: found ? attempts : null, amplification: found ? attempts / told : null };
}

/** Exact percentiles of rising values in ms, by nearest rank; null when there are none. */
export function percentiles(rising: Float64Array): Percentiles | null {
  const count = rising.length;
  if (count === 0) return null;
  const at = (q: number) => rising[Math.min(count - 1, Math.ceil(q * count) - 1)]!;
  return {
    count,
    meanMs: rising.reduce((a, b) => a + b, 0) / count,
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: at(1),
  };
}

/** Percentiles of no values. */
export const noPercentiles: Percentiles = {
  count: 0,
  meanMs: 0,
  p50Ms: 0,
  p90Ms: 0,
  p95Ms: 0,
  p99Ms: 0,
  p999Ms: 0,
  maxMs: 0,
};

/** Number of rising values that are at most `limit`, by binary search. */
function countUpTo(rising: Float64Array, limit: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
