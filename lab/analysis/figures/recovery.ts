import type { Requests } from '#lab/evidence/requests.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Span } from '#lab/result/incidents.ts';
import type { Recovery } from '#lab/result/recovery.ts';
import type { Series } from '#lab/result/series.ts';
import { type Drain, drainOf } from './drain.ts';

type Rule = Experiment['recovery'];

/** Of the time over which goodput is taken: so finely is the time to recover told. */
const stepsOver = 50;

/** An offered rate that is no more than before, or but for chance: three standard errors of it (Poisson). */
const sameRate = { ratio: 1.05, errors: 3 };

/** Of the attempts per request before: where one retry leaves less than half done, they are 1.7 times as many; a budget's are 1.1. */
const amplified = 1.25;

/** What tells how a variant went. */
interface Course {
  readonly requests: Requests;
  readonly series: Pick<Series, 'tMs' | 'backlog' | 'inFlight'>;
  /** Until when requests were due. */
  readonly loadMs: number;
  /** When the first fault began, or the first phase that is got over. */
  readonly begunMs: number;
  /** From when on nothing was broken any more by a fault. */
  readonly clearedMs: number;
}

/**
 * How a variant got over a fault that was in force for `took`, or a phase of the load, judged until the load ends.
 * Recovered is it at the first moment from which on every `overMs` that begin within `heldMs` have a goodput of at least
 * `goodput`.
 */
export function recoveryOf(
  { requests, series, loadMs, begunMs, clearedMs }: Course,
  took: Span,
  { deadlineMs, recovery: rule }: Pick<Experiment, 'deadlineMs' | 'recovery'>,
): Recovery {
  // After an earlier one it may still be down.
  const wellMs = Math.min(begunMs, took.fromMs);
  // Whoever is due later than that the fault may keep from being done in time.
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
  // Nobody follows whoever is due later, so that even what is stuck may do some of it.
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
    told: timeMs !== null || (atLeastMs > 0 && watchedMs >= rule.overMs + rule.heldMs),
    atLeastMs,
    ...(drain && { drainMs: drain.ms }),
    watchedMs,
    lostGoodput: Math.max(0, share * hit.offered - hit.good),
    metastable:
      timeMs === null && !isHalfBack && ((isComparable && isKept(isAmplified, drain, work)) || null),
  };
}

/**
 * Whether what keeps a variant down does not pass: by the attempts that its retries add, or, where there are none, since
 * nothing that it has under way gets less. Where a backlog does, it may only take its time; where nobody told, who knows.
 */
const isKept = (isAmplified: boolean, backlog: Drain | undefined, work: Drain | undefined): boolean =>
  !backlog?.isUnderWay && (isAmplified || (backlog !== undefined && work?.isUnderWay === false));

/** In a time that is `part` of that in which so many were offered, at no higher rate. */
function mostOffered(offered: number, part: number): number {
  const mean = part * offered;
  return Math.max(sameRate.ratio * mean, mean + sameRate.errors * Math.sqrt(mean * (1 + part)));
}

const notWatched = { timeMs: null, atLeastMs: 0 };

/**
 * In ms from the beginning of the span; null when there is no such moment in it, but at least as long as it was bad.
 * Where nothing is offered, nothing is bad, and nothing is shown either.
 */
function timeToRecover(
  requests: Requests,
  { fromMs, untilMs }: Span,
  rule: Pick<Rule, 'goodput' | 'overMs' | 'heldMs'>,
): Pick<Recovery, 'timeMs'> & { readonly atLeastMs: number } {
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
    attemptsAtMost: unreported > 0 ? Number.POSITIVE_INFINITY : attempts / offered,
  };
}
