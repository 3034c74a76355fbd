import type { Frame, Strip } from '#lab/play/frame.ts';

/** Span over which rates and shares are measured. */
export const windowMs = 2000;

/** Figures of one variant at one moment, as the page shows them. */
export interface Reading {
  readonly atMs: number;
  readonly frame: Frame;
  /** Frames of the last two seconds. */
  readonly recent: readonly Frame[];
  /** Share of the requests that ended in the last two seconds, in time; undefined before the first end. */
  readonly goodput: number | undefined;
  readonly offeredPerSecond: number;
  readonly attemptsPerSecond: number;
  readonly refusedPerSecond: number;
  /** Share of retries among the attempts whose caller waits. */
  readonly retryShare: number;
  /** Calls in flight at the dependency, with those of callers that have left. */
  readonly inFlight: number;
}

/** Returns the index of the last frame at or before a time; 0 before the first. */
export function indexAt(frames: readonly Frame[], atMs: number): number {
  let [low, high] = [0, frames.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (frames[middle]!.atMs <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Returns the figures at a time; undefined before the first frame has arrived. */
export function readAt(frames: readonly Frame[], atMs: number): Reading | undefined {
  const index = indexAt(frames, atMs);
  const frame = frames[index];
  if (!frame) return undefined;
  const recent = frames.slice(indexAt(frames, frame.atMs - windowMs), index + 1);
  const past = recent[0]!;
  const perSecond = (count: 'offered' | 'attempts' | 'rejected') =>
    frame === past ? 0 : ((frame[count] - past[count]) * 1000) / (frame.atMs - past.atMs);
  const sum = (kind: 'first' | 'retry') => recent.reduce((total, { inFlight }) => total + inFlight[kind], 0);
  const { first, retry, abandoned } = frame.inFlight;
  return {
    ...{ atMs, frame, recent },
    goodput: goodputOf(frame, past),
    offeredPerSecond: perSecond('offered'),
    attemptsPerSecond: perSecond('attempts'),
    refusedPerSecond: perSecond('rejected'),
    retryShare: sum('retry') / Math.max(1, sum('first') + sum('retry')),
    inFlight: first + retry + abandoned,
  };
}

/**
 * Returns the share that completed in time between two frames: of the requests that ended, so that those on their way
 * don't count; of the offered ones if less than half as many ended, as when everything waits.
 */
function goodputOf(now: Frame, past: Frame): number | undefined {
  const ended = endedOf(now) - endedOf(past);
  const offered = now.offered - past.offered;
  const of = ended * 2 < offered ? offered : ended;
  return of > 0 && endedOf(now) > 0 ? Math.min(1, (now.inTime - past.inTime) / of) : undefined;
}

const endedOf = ({ inTime, late, failed, rejected, dead }: Frame): number =>
  inTime + late + failed + rejected + dead;

/** Requests of one part of the strip. */
export interface Bin {
  readonly fromMs: number;
  readonly offered: number;
  readonly inTime: number;
}

const sumOf = (counts: readonly number[], from: number, parts: number): number =>
  counts.slice(from, from + parts).reduce((total, count) => total + count, 0);

/** Returns the counts of a strip in wider parts. */
export function binsOf({ everyMs, offered, inTime }: Strip, binMs: number): Bin[] {
  const parts = Math.max(1, Math.round(binMs / everyMs));
  return Array.from({ length: Math.ceil(offered.length / parts) }, (_, index) => ({
    fromMs: index * parts * everyMs,
    offered: sumOf(offered, index * parts, parts),
    inTime: sumOf(inTime, index * parts, parts),
  }));
}

/** Span over which a strip is judged, since a tenth of a second has few requests. */
const judgedMs = 500;

/** Returns the first time from which at least a share is in time, until a later time. Undefined if there is none. */
export function recoveredAt(
  { everyMs, offered, inTime }: Strip,
  share: number,
  fromMs: number,
  untilMs: number,
): number | undefined {
  const parts = judgedMs / everyMs;
  const lastIll = offered.findLastIndex((_, index) => {
    const isJudged = index * everyMs >= fromMs && index * everyMs + judgedMs <= untilMs;
    return isJudged && sumOf(inTime, index, parts) < share * sumOf(offered, index, parts);
  });
  const recoveredMs = lastIll < 0 ? fromMs : (lastIll + 1) * everyMs;
  return recoveredMs + judgedMs > untilMs ? undefined : recoveredMs;
}
