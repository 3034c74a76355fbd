import type { Requests } from '#lab/evidence/requests.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Recovery, Series, Span } from '#lab/result/result.ts';

/** Number of steps in a window of `overMs`. One step is the resolution of the time to recover. */
const stepsOver = 50;

/**
 * Bounds up to which the offered rate counts as the same as before: a ratio, or a number of standard errors (Poisson).
 * The larger bound applies.
 */
const sameRate = { ratio: 1.05, errors: 3 };

/**
 * Attempts per request ÷ attempts per request before, from which retries count as amplification. With one retry and
 * less than half of the requests completed, the ratio is 1.7; with a retry budget 1.1.
 */
const amplified = 1.25;

interface Course {
  readonly requests: Requests;
  readonly series: Pick<Series, 'tMs' | 'backlog' | 'inFlight'>;
  /** Last scheduled time. */
  readonly loadMs: number;
  /** Begin of the first fault, or of the first phase from which a recovery is expected. */
  readonly begunMs: number;
  /** Time at which the last fault was cleared. */
  readonly clearedMs: number;
}

/**
 * Judges if a variant recovers before the load ends. `took` is the span of the fault or phase from which it recovers. It
 * has recovered at a time if goodput is high enough in all windows of `overMs` that begin within `heldMs` after it.
 */
export function recoveryOf(
  { requests, series, loadMs, begunMs, clearedMs }: Course,
  took: Span,
  { deadlineMs, recovery: rule }: Pick<Experiment, 'deadlineMs' | 'recovery'>,
): Recovery {
  // The variant may not have recovered from an earlier fault.
  const wellMs = Math.min(begunMs, took.fromMs);
  // Requests scheduled after this may miss their deadline because of the fault.
  const beforeMs = Math.max(0, wellMs - deadlineMs);
  const before = countIn(requests, { fromMs: 0, untilMs: beforeMs });
  const share = before.offered > 0 ? before.good / before.offered : 1;
  const least = rule.goodput * (rule.relativeTo === 'before' ? share : 1);
  const after = { fromMs: took.untilMs, untilMs: loadMs };
  const isThereAny = rule.relativeTo === 'offered' || before.good > 0;
  const { timeMs, atLeastMs } = isThereAny
    ? timeToRecover(requests, after, { ...rule, goodput: least })
    : notWatched;
  const hit = countIn(requests, {
    fromMs: took.fromMs,
    untilMs: timeMs === null ? loadMs : took.untilMs + timeMs,
  });
  const drain = drainOf('backlog', series, wellMs, after);
  const watchedMs = Math.max(0, loadMs - took.untilMs);
  // Leaves out requests scheduled later. The load ends soon after them, so even a stuck system may complete some.
  const followedMs = loadMs - deadlineMs;
  const last = countIn(requests, { fromMs: followedMs - rule.overMs, untilMs: followedMs });
  const isTelling =
    before.good > 0 &&
    last.offered > 0 &&
    followedMs - Math.max(clearedMs, took.untilMs) >= rule.overMs + rule.heldMs;
  const isHalfBack = isTelling && last.good >= (share / 2) * last.offered;
  const isComparable = isTelling && last.offered <= mostOffered(before.offered, rule.overMs / beforeMs);
  const isAmplified = last.attemptsAtLeast > amplified * before.attemptsAtMost;
  const work = drainOf('inFlight', series, wellMs, after);
  return {
    timeMs,
    reported: timeMs !== null || (atLeastMs > 0 && watchedMs >= rule.overMs + rule.heldMs),
    atLeastMs,
    ...(drain && { drainMs: drain.ms }),
    watchedMs,
    lostGoodput: Math.max(0, share * hit.offered - hit.good),
    metastable:
      timeMs === null && !isHalfBack && ((isComparable && isPersistent(isAmplified, drain, work)) || null),
  };
}

/**
 * True if the cause of low goodput persists: retries add attempts, or the attempts in flight don't decrease. False if
 * the backlog decreases, since recovery may only take time. Also false if neither is known.
 */
const isPersistent = (isAmplified: boolean, backlog: Drain | undefined, work: Drain | undefined): boolean =>
  !backlog?.isUnderWay && (isAmplified || (backlog !== undefined && work?.isUnderWay === false));

/** Returns how many requests still count as the same rate, in a span `part` times as long as that of `offered`. */
function mostOffered(offered: number, part: number): number {
  const mean = part * offered;
  return Math.max(sameRate.ratio * mean, mean + sameRate.errors * Math.sqrt(mean * (1 + part)));
}

const notWatched = { timeMs: null, atLeastMs: 0 };

/**
 * Returns the time to recover, from the begin of the span; null without a recovery. Its lower bound `atLeastMs` is the
 * time until which goodput was bad. Windows without requests are neither bad nor good.
 */
function timeToRecover(
  requests: Requests,
  { fromMs, untilMs }: Span,
  rule: Pick<Experiment['recovery'], 'goodput' | 'overMs' | 'heldMs'>,
): Pick<Recovery, 'timeMs' | 'atLeastMs'> {
  const stepMs = rule.overMs / stepsOver;
  const steps = Math.floor((untilMs - fromMs) / stepMs);
  if (steps < stepsOver) return notWatched;
  const offered = new Uint32Array(steps);
  const good = new Uint32Array(steps);
  for (let index = 0; index < requests.size; index++) {
    const step = Math.floor((requests.scheduledAtMs[index]! - fromMs) / stepMs);
    if (!(step >= 0 && step < steps)) continue;
    offered[step]! += 1;
    if (requests.outcome(index) === 'ok') good[step]! += 1;
  }
  const heldSteps = Math.ceil(rule.heldMs / stepMs);
  const inWindow = { offered: 0, good: 0 };
  let badUntil = 0;
  let goodSince = 0;
  for (let end = 0; end < steps; end++) {
    inWindow.offered += offered[end]!;
    inWindow.good += good[end]!;
    const begin = end - stepsOver + 1;
    if (begin < 0) continue;
    const isBad = inWindow.good < rule.goodput * inWindow.offered;
    if (isBad) badUntil = begin + 1;
    if (isBad || inWindow.offered === 0) goodSince = begin + 1;
    else if (begin - goodSince >= heldSteps)
      return { timeMs: goodSince * stepMs, atLeastMs: goodSince * stepMs };
    inWindow.offered -= offered[begin]!;
    inWindow.good -= good[begin]!;
  }
  return { timeMs: null, atLeastMs: badUntil * stepMs };
}

/**
 * Counts the requests scheduled in a span, and those that completed within the deadline. Returns bounds on the attempts
 * per request, since some requests may have an unknown count.
 */
function countIn(requests: Requests, span: Span) {
  const counts = requests.count(span);
  const { attempts, unreported } = requests.attemptsIn(span);
  const offered = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    offered,
    good: counts.ok,
    attemptsAtLeast: attempts / offered,
    attemptsAtMost: unreported > 0 ? Infinity : attempts / offered,
  };
}

export interface Drain {
  /**
   * Time from the begin of the span until the level was back at its healthy maximum; null if that is not within the
   * span.
   */
  readonly ms: number | null;
  /** True if the level was not back, but was still falling in the second half of the span. */
  readonly isUnderWay: boolean;
}

/**
 * Returns when a level fell back, within a span, to its maximum before `wellMs`. Undefined if the level is unknown
 * before `wellMs`, or at the end of the span.
 */
export function drainOf<L extends 'backlog' | 'inFlight'>(
  column: L,
  { tMs, [column]: levels }: Pick<Series, 'tMs' | L>,
  wellMs: number,
  { fromMs, untilMs }: Span,
): Drain | undefined {
  // The level of a point may have been sampled at any time until the next point.
  const isBefore = (point: number) => (tMs[point + 1] ?? untilMs) <= wellMs;
  const before = levels.filter((level, point) => level !== null && isBefore(point));
  if (before.length === 0) return undefined;
  const most = Math.max(...(before as number[]));
  const after = tMs.flatMap((atMs, point) =>
    atMs >= fromMs && atMs < untilMs ? [{ atMs, level: levels[point] ?? null }] : [],
  );
  const drained = after.find(({ level }) => level !== null && level <= most);
  if (drained) return { ms: drained.atMs - fromMs, isUnderWay: false };
  if ((after.at(-1)?.level ?? null) === null) return undefined;
  return { ms: null, isUnderWay: isFalling(after.flatMap(({ level }) => level ?? [])) };
}

/**
 * True if a level falls in the second half by more than chance. Compares the means of the first and the last third of
 * that half, by two standard errors of one level.
 */
function isFalling(levels: readonly number[]): boolean {
  const half = levels.slice(Math.floor(levels.length / 2));
  const third = Math.ceil(half.length / 3);
  const [first, last] = [meanOf(half.slice(0, third)), meanOf(half.slice(-third))];
  return first - last > 2 * Math.sqrt(first);
}

const meanOf = (levels: readonly number[]): number =>
  levels.reduce((sum, level) => sum + level, 0) / levels.length;
