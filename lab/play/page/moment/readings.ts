import type { Frame } from '#lab/play/frame.ts';

/** Span over which rates and shares are measured. */
export const windowMs = 2000;

export type Reading = NonNullable<ReturnType<typeof readAt>>;

/** Returns the figures at a time; undefined before the first frame has arrived. */
export function readAt(frames: readonly Frame[], atMs: number) {
  const index = Math.max(
    0,
    frames.findLastIndex((frame) => frame.atMs <= atMs),
  );
  const frame = frames[index];
  if (!frame) return undefined;
  const recent = frames.slice(0, index + 1).filter((each) => each.atMs >= frame.atMs - windowMs);
  const past = recent[0]!;
  const perSecond = (count: 'offered' | 'attempts' | 'rejected') =>
    frame === past ? 0 : ((frame[count] - past[count]) * 1000) / (frame.atMs - past.atMs);
  const sum = (kind: 'first' | 'retry') => recent.reduce((total, { inFlight }) => total + inFlight[kind], 0);
  return {
    ...{ atMs, frame, recent },
    goodput: goodputOf(frame, past),
    offeredPerSecond: perSecond('offered'),
    attemptsPerSecond: perSecond('attempts'),
    /** Undefined with a queue: events that waited arrive later than they were offered. */
    attemptsPerRequest: frame.queue ? undefined : perSecond('attempts') / perSecond('offered'),
    refusedPerSecond: perSecond('rejected'),
    /** Share of retries among the attempts whose caller waits. */
    retryShare: sum('retry') / Math.max(1, sum('first') + sum('retry')),
    /** Calls in flight at the dependency, with those of callers that have left. */
    inFlight: inFlightIn(frame),
    /** Most calls in flight, and most waiting events, of all frames: so a pile that grows is never drawn smaller. */
    most: {
      inFlight: frames.reduce((most, each) => Math.max(most, inFlightIn(each)), 0),
      waiting: frames.reduce((most, { queue }) => Math.max(most, queue?.waiting ?? 0), 0),
    },
  };
}

const inFlightIn = ({ inFlight: { first, retry, abandoned } }: Frame): number => first + retry + abandoned;

/**
 * Returns the share that completed in time between two frames: of the requests that ended, so that those on their way
 * don't count; of the offered ones if less than half as many ended, as when everything waits. Undefined before the first
 * end.
 */
function goodputOf(now: Frame, past: Frame): number | undefined {
  const ended = endedOf(now) - endedOf(past);
  const offered = now.offered - past.offered;
  const of = ended * 2 < offered ? offered : ended;
  return of > 0 && endedOf(now) > 0 ? Math.min(1, (now.inTime - past.inTime) / of) : undefined;
}

const endedOf = ({ inTime, late, failed, rejected, dead }: Frame): number =>
  inTime + late + failed + rejected + dead;
