import { isCompleted } from '#kit/wire.ts';
import { count, plural } from '#lab/text/format.ts';
import { callers } from '#lab/topology/paths.ts';
import { agree, atMost, type Check, check, known, none, withNote } from './check.ts';
import { countedBy, countOf, found, refuserOf, type Witnesses } from './witnesses.ts';

/** Compares the effect log with the generator's record, and downstream's counters with both and with its caller's. */
export function effectChecks(witnesses: Witnesses): Check[] {
  const { path, requests, effects, counters } = witnesses;
  const outcomes = requests.count();
  const unended = outcomes.unknown + outcomes.pending;
  const { waiting, gone } = counters.effects;
  const has = (index: number) => !Number.isNaN(effects.firstAtMs[index]);
  const completed = (index: number) => isCompleted(requests.outcome(index));
  const seen = (what: string, value: number) => countedBy('downstream', counters, what, value);
  const refuse = refuserOf(requests);
  const caller = callers[path];
  return [
    check(
      'every ok or late request has an effect',
      atMost(
        known('generator, ok + late', outcomes.ok + outcomes.late),
        found('of them in the effect log', requests, (index) => completed(index) && has(index)),
      ),
    ),
    refuse(
      'every ok or late request has an effect whose caller waited',
      'ok or late, in the effect log only for disconnected callers',
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
    // Attempts of disconnected callers may complete after the log was read.
    check(
      'the effect log holds what downstream counted',
      ...agree(
        known('lines in the effect log', effects.total - effects.belated),
        seen('effects committed', waiting + gone - counters.suppressedEffects),
        unended,
      ),
    ),
    check(
      'the effect log holds what downstream counted for disconnected callers',
      ...agree(
        known('for disconnected callers, in the effect log', effects.wasted),
        seen('effects for disconnected callers', gone),
        counters.suppressedEffects + unended,
      ),
    ),
    check(
      `every completion that the ${caller} counted has an effect`,
      atMost(
        countedBy(caller, counters, 'ok', counters[caller].ok),
        seen('effects for callers who waited', waiting),
      ),
    ),
    ...attemptChecks(witnesses),
  ];
}

/** Outcomes of requests that the system never accepted. */
export const neverAccepted: ReadonlySet<string | undefined> = new Set(['dropped', 'unsent']);

/**
 * Largest difference between the clocks of two processes. On one machine they agree within microseconds, and the record
 * is rounded to microseconds. `attach` refuses a service whose clock is off by more than this.
 */
const toleranceMs = 1;

/** Latencies in the record are rounded to microseconds. */
const roundingMs = 0.001;

/** Checks the order: scheduled time, send, effect, completion. */
function timeChecks({ summary, requests, effects, deadlineMs }: Witnesses): Check[] {
  const { lagMs, latencyMs } = requests;
  const atMs = (index: number, afterMs: Float64Array) =>
    afterMs[index]! + requests.scheduledAtMs[index]! + summary.startedAtMs;
  const refuse = refuserOf(requests);
  return [
    refuse(
      'no request is sent before its time, or ends before it is sent',
      'sent before their time, or ended before that',
      (index) => lagMs[index]! < -toleranceMs || atMs(index, latencyMs) < atMs(index, lagMs) - toleranceMs,
    ),
    refuse(
      'no effect precedes its request',
      'effects before their request was sent, or without',
      // Also of one that was never sent, whose time is NaN.
      (index) =>
        !Number.isNaN(effects.firstAtMs[index]) &&
        !(effects.firstAtMs[index]! >= atMs(index, lagMs) - toleranceMs),
    ),
    refuse(
      'no answer precedes its effect',
      'completions that the generator received before the effect',
      (index) =>
        isCompleted(requests.outcome(index)) &&
        effects.answeredAtMs[index]! > atMs(index, latencyMs) + toleranceMs,
    ),
    refuse(
      'every completed request has an end',
      'ok or late, without an end',
      (index) => isCompleted(requests.outcome(index)) && Number.isNaN(latencyMs[index]!),
    ),
    refuse('the deadline separates ok from late', 'ok after the deadline, or late within it', (index) => {
      const overMs = latencyMs[index]! - deadlineMs;
      const outcome = requests.outcome(index);
      return (outcome === 'ok' && overMs > roundingMs) || (outcome === 'late' && overMs < -roundingMs);
    }),
  ];
}

/** An event may be attempted again after its end, if its acknowledgement got lost, so its record can tell of fewer attempts. */
function attemptChecks(witnesses: Witnesses): Check[] {
  const { path, counters, requests, effects, foreign } = witnesses;
  const caller = callers[path];
  const { [caller]: made, downstream: seen } = counters.attempts;
  const madeByCaller = countedBy(caller, counters, 'attempts made', made);
  const seenByDownstream = countedBy('downstream', counters, 'attempts seen', seen);
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
  const committed = counters.effects.waiting + counters.effects.gone;
  const ofCalls = (...checks: Check[]) => (path === 'rpc' ? checks : []);
  return [
    withNote(
      check('downstream saw no attempt that its caller did not make', atMost(seenByDownstream, madeByCaller)),
      seen < made ? `${count(made - seen)} never arrived: no connection, or cut off first` : '',
    ),
    check(
      'downstream had no more effects than attempts',
      atMost(
        countedBy('downstream', counters, 'effects, suppressed ones included', committed),
        seenByDownstream,
      ),
    ),
    ...ofCalls(...attemptsOfCalls(witnesses)),
    check('the record reports no attempt that was not made', atMost(reported, madeByCaller)),
    ...ofCalls(
      check('the record reports every attempt that was made', atMost(madeByCaller, { ...reported, missing })),
    ),
    check('no effect without an attempt', none({ ...untried, surplus })),
  ];
}

/** Checks the attempts of each call. */
function attemptsOfCalls({ requests, effects, attemptsMax, foreign }: Witnesses): Check[] {
  const refuse = refuserOf(requests);
  const checks = [
    check(
      'no completed request has the status of a failure',
      none(known('completed with the status of a failure', requests.misfits)),
    ),
    refuse(
      'no request has more effects than attempts',
      'with more effects than attempts in the record',
      (index) => effects.counts[index]! > requests.attempts[index]!,
    ),
  ];
  if (foreign.includes(callers.rpc)) return checks;
  return [
    ...checks,
    refuse(
      'no request has more attempts than its policies allow',
      `with more than ${attemptsMax} attempts`,
      (index) => requests.attempts[index]! > attemptsMax,
    ),
  ];
}
