import type { Part, Requests } from '#lab/evidence/requests.ts';
import { percentiles } from './percentiles.ts';

/** Returns the figures of all requests, or of those in a part. */
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

/** Returns the figures of the requests in a part, with the attempts for them. */
export function figuresIn(
  requests: Requests,
  deadlineMs: number,
  deadlinesMs: readonly number[],
  part: Part,
) {
  const { attempts, reported, unreported } = requests.attemptsIn(part);
  return {
    ...figuresOf(requests, deadlineMs, deadlinesMs, part),
    unreported,
    attempts: reported > 0 ? attempts : null,
    amplification: reported > 0 ? attempts / reported : null,
  };
}

/** Counts the ascending values that are at most `limit`, by binary search. */
export function countUpTo(rising: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
