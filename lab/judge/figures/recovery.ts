import type { Requests } from '#lab/evidence/requests.ts';
import type { Recovery } from '#lab/experiment/metrics/counted.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Span } from '#lab/experiment/span.ts';
import type { Series } from '#lab/judge/result/result.ts';
import { meanOf } from '#lab/judge/statistics/bootstrap.ts';

/** Number of steps in a window of `overMs`. The time to recover is a multiple of a step. */
const stepsOver = 50;

/** Ratio, or standard errors of a Poisson count, up to which the rate is unchanged. The larger applies. */
const sameRate = { ratio: 1.05, errors: 3 };

/**
 * Smallest increase of attempts per request, as a ratio to their number before the fault, that counts as amplification.
 * With one retry and less than half of the requests completed, the ratio is 1.7 or more; with a retry budget, it is
 * 1.1.
 */
const amplified = 1.25;

export interface Course {
  readonly requests: Requests;
  readonly series: Pick<Series, 'tMs' | 'backlog' | 'inFlight'>;
  /** Last scheduled time. */
  readonly loadMs: number;
  /** Start of the first fault, or of the first phase from which a recovery is expected. */
  readonly begunMs: number;
  /** Time at which the last fault was cleared. */
  readonly clearedMs: number;
}

/**
 * Judges if a variant recovers before the load ends. `took` is the span of the fault or phase from which it recovers.
 * It has recovered at the first time after which goodput is high enough, in all windows of `overMs` that start within
 * `heldMs`.
 */
export function recoveryOf(
  { requests, series, loadMs, begunMs, clearedMs }: Course,
  took: Span,
  { deadlineMs, recovery: rule }: Pick<Experiment, 'deadlineMs' | 'recovery'>,
): Recovery {
  // The start of an earlier fault counts, since the variant may not have recovered from that fault.
  const wellMs = Math.min(begunMs, took.fromMs);
  // Requests scheduled after this may miss their deadline because of the fault.
  const beforeMs = Math.max(0, wellMs - deadlineMs);
  const before = countIn(requests, { fromMs: 0, untilMs: beforeMs });
  const share = before.offered > 0 ? before.good / before.offered : 1;
  const after = { fromMs: took.untilMs, untilMs: loadMs };
  const { timeMs, atLeastMs } = timeToRecover(requests, after, rule);
  const hit = countIn(requests, {
    fromMs: took.fromMs,
    untilMs: timeMs === null ? loadMs : took.untilMs + timeMs,
  });
  const backlog = drainOf('backlog', series, wellMs, after);
  const watchedMs = Math.max(0, loadMs - took.untilMs);
  // Leaves out requests scheduled after this. The load ends before their deadline, so even a stuck system may complete
  // some of them.
  const followedMs = loadMs - deadlineMs;
  const last = countIn(requests, { fromMs: followedMs - rule.overMs, untilMs: followedMs });
  const isTelling =
    before.good > 0 &&
    last.offered > 0 &&
    followedMs - Math.max(clearedMs, took.untilMs) >= rule.overMs + rule.heldMs;
  const isHalfBack = isTelling && last.good >= (share / 2) * last.offered;
  const isComparable = isTelling && last.offered <= mostOffered(before.offered, rule.overMs / beforeMs);
  const isAmplified = last.attemptsAtLeast > amplified * before.attemptsAtMost;
  const attemptsPerMs = (last.attemptsAtLeast * last.offered) / rule.overMs;
  const work = drainOf('inFlight', series, wellMs, after, attemptsPerMs);
  const left = [backlog, work].flatMap((drain) => drain?.leftMs ?? []);
  // Without more attempts, only a work queue may keep the variant down, so it must be known.
  const isStuck = left.length === 0 && work !== undefined && (isAmplified || backlog !== undefined);
  const isDown = timeMs === null && !isHalfBack;
  return {
    timeMs,
    reported: timeMs !== null || (atLeastMs > 0 && watchedMs >= rule.overMs + rule.heldMs),
    atLeastMs,
    ...(backlog && { drainMs: backlog.ms }),
    watchedMs,
    lostGoodput: Math.max(0, share * hit.offered - hit.good),
    metastable: isDown && ((isComparable && isStuck) || null),
    ...(isDown && left.length > 0 && { leftMs: Math.max(...left) }),
  };
}

/** Returns the most requests at an unchanged rate, in a span `part` times that of the `offered` requests. */
function mostOffered(offered: number, part: number): number {
  const mean = part * offered;
  return Math.max(sameRate.ratio * mean, mean + sameRate.errors * Math.sqrt(mean * (1 + part)));
}

/**
 * Returns the time from the start of the span until goodput has recovered; null if it hasn't. `atLeastMs` is a lower
 * bound of this time: until then goodput was bad. Windows without requests are neither bad nor good.
 */
function timeToRecover(
  requests: Requests,
  { fromMs, untilMs }: Span,
  rule: Pick<Experiment['recovery'], 'goodput' | 'overMs' | 'heldMs'>,
): Pick<Recovery, 'timeMs' | 'atLeastMs'> {
  const stepMs = rule.overMs / stepsOver;
  const steps = Math.floor((untilMs - fromMs) / stepMs);
  if (steps < stepsOver) return { timeMs: null, atLeastMs: 0 };
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

/** Bounds the attempts per request, since the number of attempts of some requests may be unknown. */
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
  /** Time from the start of the span until the level fell to its maximum before `wellMs`; null if it didn't. */
  readonly ms: number | null;
  /** Time from the end of the span until it has fallen so far, if it goes on as there. Undefined if it doesn't fall. */
  readonly leftMs?: number | undefined;
}

/**
 * Fewest residence times for which a level must stay. Near a boundary, it may seem to stay for a few, and then fall
 * again. The residence time is the mean level ÷ arrivals (Little's law).
 */
const residencesMin = 20;

/**
 * Returns when a level (backlog, or attempts in flight) fell within a span to its maximum before `wellMs`. Undefined if
 * the level is unknown before `wellMs`, or at the end of the span. Looks at the second half of the span to see if the
 * level falls. If that is shorter than `residencesMin` with so many arrivals, also looks at what is before, but for the
 * first fifth of the span, in which the level may rise.
 */
export function drainOf<L extends 'backlog' | 'inFlight'>(
  column: L,
  { tMs, [column]: levels }: Pick<Series, 'tMs' | L>,
  wellMs: number,
  { fromMs, untilMs }: Span,
  arrivalsPerMs = Infinity,
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
  if (!drained && (after.at(-1)?.level ?? null) === null) return undefined;
  const ms = drained ? drained.atMs - fromMs : null;
  const lastOf = (share: number) => after.slice(Math.floor(after.length * (1 - share)));
  const known = (points: typeof after) => points.flatMap(({ level }) => level ?? []);
  const half = lastOf(1 / 2);
  const residences = ((untilMs - half[0]!.atMs) * arrivalsPerMs) / meanOf(known(half));
  const end = residences < residencesMin ? lastOf(4 / 5) : half;
  const fall = fallOf(known(end));
  if (!fall) return { ms };
  // The means of the first and the last third lie two thirds of the time apart.
  const perMs = fall.by / ((2 / 3) * (untilMs - end[0]!.atMs));
  return { ms, leftMs: Math.max(0, fall.to - most) / perMs };
}

/**
 * Returns by how much levels fall, and to which mean, if that is more than chance. Compares the mean of their first
 * third with the mean of their last third. They must differ by more than two standard deviations of one level: those
 * within the thirds, but at least √level, as for a Poisson count.
 */
function fallOf(levels: readonly number[]): { by: number; to: number } | undefined {
  const third = Math.ceil(levels.length / 3);
  const ends = [levels.slice(0, third), levels.slice(-third)];
  const [first, last] = ends.map(meanOf) as [number, number];
  const squares = ends.flatMap((end, i) => end.map((level) => (level - [first, last][i]!) ** 2));
  const deviation = Math.sqrt(Math.max(first, meanOf(squares)));
  return first - last > 2 * deviation ? { by: first - last, to: last } : undefined;
}
