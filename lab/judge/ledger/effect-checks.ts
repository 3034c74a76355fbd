import { isCompleted } from '#kit/wire.ts';
import { count, plural } from '#lab/kit/text/format.ts';
import { callers } from '#lab/kit/topology/paths.ts';
import { agree, atMost, type Check, check, known, none, withNote } from './check.ts';
import { countedBy, countOf, found, refuserOf, type Witnesses } from './witnesses.ts';

/** Compares effect log, record, and the counters of downstream and its caller. */
export function effectChecks(witnesses: Witnesses): Check[] {
  const { path, requests, effects, counters } = witnesses;
  const outcomes = requests.count();
  const unended = outcomes.unknown + outcomes.pending;
  const { waiting, gone } = counters.effects;
  const has = (index: number) => !Number.isNaN(effects.firstAtMs[index]);
  const completed = (index: number) => isCompleted(requests.outcome(index));
  const done = known('generator, ok + late', outcomes.ok + outcomes.late);
  const effective = found('of them in the effect log', requests, (index) => completed(index) && has(index));
  const logged = known('lines in the effect log', effects.total - effects.belated);
  const wasted = known('for disconnected callers, in the effect log', effects.wasted);
  const seen = (what: string, value: number) => countedBy('downstream', counters, what, value);
  const committed = seen('effects committed', waiting + gone - counters.suppressedEffects);
  const forGone = seen('effects for disconnected callers', gone);
  const forWaiting = seen('effects for callers who waited', waiting);
  const caller = callers[path];
  const answered = countedBy(caller, counters, 'ok', counters[caller].ok);
  const refuse = refuserOf(requests);
  return [
    check('every ok or late request has an effect', atMost(done, effective)),
    refuse(
      'every ok or late request has an effect whose caller waited',
      'ok or late requests whose logged effects all came after their callers had disconnected',
      (index) => completed(index) && has(index) && Number.isNaN(effects.answeredAtMs[index]),
    ),
    refuse(
      'no dropped or unsent request has an effect',
      'dropped or unsent, in the effect log',
      (index) => neverAccepted.has(requests.outcome(index)) && has(index),
    ),
    ...timeChecks(witnesses),
    withNote(
      check('no effect without a request', none(known('effects of unknown requests', effects.strays))),
      effects.belated > 0 ? `${count(effects.belated)} more are of the warm-up` : '',
    ),
    // The difference may be as large as the number of open requests, whose attempts may have an effect after the log
    // was read.
    check('the effect log holds what downstream counted', ...agree(logged, committed, unended)),
    withNote(
      check(
        'the effect log holds what downstream counted for disconnected callers',
        ...agree(wasted, forGone, counters.suppressedEffects + unended),
      ),
      counters.suppressedEffects > 0 && gone > effects.wasted
        ? 'for disconnected callers, downstream counts suppressed effects (repeated attempts without a new effect), but does not log them'
        : '',
    ),
    check(`every completion that the ${caller} counted has an effect`, atMost(answered, forWaiting)),
    ...attemptChecks(witnesses),
  ];
}

/** Outcomes of requests that the system never accepted. */
export const neverAccepted: ReadonlySet<string | undefined> = new Set(['dropped', 'unsent']);

/** Tolerance for evidence without readings of the clocks, all of whose processes were on one machine. */
const sameMachineMs = 1;

/** Latencies in the record are rounded to microseconds. */
const roundingMs = 0.001;

/** Checks the order: scheduled time, send, effect, completion. */
function timeChecks({ summary, requests, effects, deadlineMs, clocks }: Witnesses): Check[] {
  const toleranceMs = clocks ? clocks.comparedWithinMs + 2 * roundingMs : sameMachineMs;
  const { lagMs, latencyMs } = requests;
  const after = (ms: Float64Array) => (index: number) =>
    ms[index]! + requests.scheduledAtMs[index]! + summary.startedAtMs;
  const [endMs, sentMs] = [after(latencyMs), after(lagMs)];
  const completed = (index: number) => isCompleted(requests.outcome(index));
  const early = (index: number) => {
    const effectAtMs = effects.firstAtMs[index]!;
    // Counts a request that was never sent, too: its send time is NaN, so the second comparison is false.
    return !Number.isNaN(effectAtMs) && !(effectAtMs >= sentMs(index) - toleranceMs);
  };
  const misjudged = (index: number) => {
    const outcome = requests.outcome(index);
    const overMs = latencyMs[index]! - deadlineMs;
    return (outcome === 'ok' && overMs > roundingMs) || (outcome === 'late' && overMs < -roundingMs);
  };
  const refuse = refuserOf(requests);
  return [
    refuse(
      'no request is sent before its time, or ends before it is sent',
      'sent before their scheduled time, or ended before they were sent',
      (index) => lagMs[index]! < -2 * roundingMs || endMs(index) < sentMs(index) - 2 * roundingMs,
    ),
    refuse('no effect precedes its request', 'effects whose request was sent later or never', early),
    refuse(
      'no answer precedes its effect',
      'completions that the generator received before the effect',
      (index) => completed(index) && effects.answeredAtMs[index]! > endMs(index) + toleranceMs,
    ),
    refuse(
      'every completed request has an end time',
      'ok or late requests without an end time',
      (index) => completed(index) && Number.isNaN(latencyMs[index]!),
    ),
    refuse('the deadline separates ok from late', 'ok after the deadline, or late within it', misjudged),
  ];
}

function attemptChecks(witnesses: Witnesses): Check[] {
  const { path, counters, requests, effects, foreign } = witnesses;
  const caller = callers[path];
  const { [caller]: callerMade, downstream: downstreamSaw } = counters.attempts;
  const { waiting, gone } = counters.effects;
  const made = countedBy(caller, counters, 'attempts made', callerMade);
  const seen = countedBy('downstream', counters, 'attempts seen', downstreamSaw);
  const committed = countedBy('downstream', counters, 'effects, suppressed ones included', waiting + gone);
  const sum = requests.attempts.reduce((sum, attempts) => sum + (attempts || 0), 0);
  const reported = known('generator, attempts reported', sum);
  const unreported = countOf(requests, (index) => Number.isNaN(requests.attempts[index]!));
  const missing =
    unreported > 0 ? `the attempts of ${plural(unreported, 'request')} are unknown: not compared` : undefined;
  const untried = found(
    'in the effect log, without an attempt in the record',
    requests,
    (index) => requests.attempts[index] === 0 && !Number.isNaN(effects.firstAtMs[index]),
  );
  const surplus = foreign.includes(caller) ? counters.doubts[caller]?.surplus : undefined;
  // An event whose acknowledgement is lost is attempted again after its end. Then its record reports fewer attempts
  // than were made, so only calls are compared.
  const ofCalls = (...checks: Check[]) => (path === 'rpc' ? checks : []);
  return [
    withNote(
      check('downstream saw no attempt that its caller did not make', atMost(seen, made)),
      downstreamSaw < callerMade
        ? `${count(callerMade - downstreamSaw)} never arrived: no connection, or cut off first`
        : '',
    ),
    check('downstream had no more effects than attempts', atMost(committed, seen)),
    ...ofCalls(...attemptsOfCalls(witnesses)),
    check('the record reports no attempt that was not made', atMost(reported, made)),
    ...ofCalls(
      check('the record reports every attempt that was made', atMost(made, { ...reported, missing })),
    ),
    check('no effect without an attempt', none({ ...untried, surplus })),
  ];
}

function attemptsOfCalls({ requests, effects, attemptsMax, foreign }: Witnesses): Check[] {
  const refuse = refuserOf(requests);
  const excess = refuse(
    'no request has more attempts than its policies allow',
    `with more than ${attemptsMax} attempts`,
    (index) => requests.attempts[index]! > attemptsMax,
  );
  return [
    refuse(
      'no request has more effects than attempts',
      'with more effects than attempts in the record',
      (index) => effects.counts[index]! > requests.attempts[index]!,
    ),
    ...(foreign.includes(callers.rpc) ? [] : [excess]),
  ];
}
