import type { Frame, Strip } from '#lab/play/frame.ts';

/** Span over which rates and shares are measured. */
const windowMs = 2000;

/** Figures of one variant at one moment, as the page shows them. */
export interface Reading {
  readonly frame: Frame;
  /** Share of the requests that ended in the last two seconds, in time; undefined before the first end. */
  readonly goodput: number | undefined;
  readonly offeredPerSecond: number;
  readonly firstsPerSecond: number;
  readonly retriesPerSecond: number;
  readonly refusedPerSecond: number;
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
  const from = indexAt(frames, frame.atMs - windowMs);
  const past = frames[from]!;
  const perSecond = (count: (of: Frame) => number) =>
    frame === past ? 0 : ((count(frame) - count(past)) * 1000) / (frame.atMs - past.atMs);
  const offeredPerSecond = perSecond(({ offered }) => offered);
  const refusedPerSecond = perSecond(({ rejected }) => rejected);
  const attemptsPerSecond = perSecond(({ attempts }) => attempts);
  const retriesPerSecond = attemptsPerSecond * retryShare(frames.slice(from, index + 1));
  const { first, retry, abandoned } = frame.inFlight;
  return {
    frame,
    goodput: goodputOf(frame, past),
    offeredPerSecond,
    firstsPerSecond: attemptsPerSecond - retriesPerSecond,
    retriesPerSecond,
    refusedPerSecond,
    inFlight: first + retry + abandoned,
  };
}

/** Returns the share of retries among the attempts whose caller waits. */
function retryShare(frames: readonly Frame[]): number {
  const sum = (kind: 'first' | 'retry') => frames.reduce((total, { inFlight }) => total + inFlight[kind], 0);
  const retries = sum('retry');
  return retries === 0 ? 0 : retries / (retries + sum('first'));
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

/** Returns the counts of a strip in wider parts. */
export function binsOf({ everyMs, offered, inTime }: Strip, binMs: number): Bin[] {
  const each = Math.max(1, Math.round(binMs / everyMs));
  const sum = (counts: readonly number[], from: number) =>
    counts.slice(from, from + each).reduce((total, count) => total + count, 0);
  return Array.from({ length: Math.ceil(offered.length / each) }, (_, index) => ({
    fromMs: index * each * everyMs,
    offered: sum(offered, index * each),
    inTime: sum(inTime, index * each),
  }));
}

/** Span over which a strip is judged, since a tenth of a second has few requests. */
const judgedMs = 500;

/** Returns the first time from which at least a share is in time, until a later time. Undefined if there is none. */
export function recoveredAt(
  strip: Strip,
  share: number,
  fromMs: number,
  untilMs: number,
): number | undefined {
  const ill = strip.offered.flatMap((_, index) => {
    const atMs = index * strip.everyMs;
    if (atMs < fromMs || atMs + judgedMs > untilMs) return [];
    const sum = (counts: readonly number[]) =>
      counts.slice(index, index + judgedMs / strip.everyMs).reduce((total, count) => total + count, 0);
    return sum(strip.inTime) < share * sum(strip.offered) ? [atMs] : [];
  });
  const recoveredMs = ill.length === 0 ? fromMs : ill.at(-1)! + strip.everyMs;
  return recoveredMs + judgedMs > untilMs ? undefined : recoveredMs;
}
