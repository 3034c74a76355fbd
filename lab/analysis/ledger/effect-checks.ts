import { isCompleted } from '#kit/wire.ts';
import { count, plural } from '#lab/text/format.ts';
import { callers } from '#lab/topology/paths.ts';
import { agree, atMost, type Check, check, known, none } from './check.ts';
import { countedBy, countOf, found, type Witnesses } from './witnesses.ts';

/** Compares the effect log with the generator's record, and downstream's counters with both and with its caller's. */
export function effectChecks(witnesses: Witnesses): Check[] {
  const { path, requests, effects, counters } = witnesses;
  const outcomes = requests.count();
  const has = (index: number) => !Number.isNaN(effects.firstAtMs[index]);
  const completed = (index: number) => isCompleted(requests.outcome(index));
  const caller = callers[path];
  const committed = counters.effects.waiting + counters.effects.gone - counters.suppressedEffects;
  return [
    check(
      'every ok or late request has an effect',
      atMost(
        known('generator, ok + late', outcomes.ok + outcomes.late),
        found('of them in the effect log', requests, (index) => completed(index) && has(index)),
      ),
    ),
    check(
      'every ok or late request has an effect whose caller waited',
      none(
        found(
          'ok or late, in the effect log only for disconnected callers',
          requests,
          (index) => completed(index) && has(index) && Number.isNaN(effects.answeredAtMs[index]),
        ),
      ),
    ),
    check(
      'no dropped or unsent request has an effect',
      none(
        found(
          'dropped or unsent, in the effect log',
          requests,
          (index) => neverAccepted.has(requests.outcome(index)) && has(index),
        ),
      ),
    ),
    ...timeChecks(witnesses),
    strayCheck(witnesses),
    // Attempts of disconnected callers may complete after the log was read.
    check(
      'the effect log holds what downstream counted',
      ...agree(
        known('lines in the effect log', effects.total - effects.belated),
        countedBy('downstream', counters, 'effects committed', committed),
        outcomes.unknown + outcomes.pending,
      ),
    ),
    check(
      'the effect log holds what downstream counted for disconnected callers',
      ...agree(
        known('for disconnected callers, in the effect log', effects.wasted),
        countedBy('downstream', counters, 'effects for disconnected callers', counters.effects.gone),
        counters.suppressedEffects + outcomes.unknown + outcomes.pending,
      ),
    ),
    check(
      `every completion that the ${caller} counted has an effect`,
      atMost(
        countedBy(caller, counters, 'ok', counters[caller].ok),
        countedBy('downstream', counters, 'effects for callers who waited', counters.effects.waiting),
      ),
    ),
    ...attemptChecks(witnesses),
  ];
}

const neverAccepted: ReadonlySet<string | undefined> = new Set(['dropped', 'unsent']);

/**
 * Largest difference between the clocks of two processes. On one machine they agree within microseconds, and the record
 * is rounded to microseconds. `attach` refuses a service whose clock is off by more than this.
 */
const toleranceMs = 1;

/** Latencies in the record are rounded to microseconds. */
const roundingMs = 0.001;

/** Checks the order: scheduled time, send, effect, completion. */
function timeChecks({ summary, requests, effects, deadlineMs }: Witnesses): Check[] {
  const after = (ms: Float64Array) => (index: number) =>
    ms[index]! + requests.scheduledAtMs[index]! + summary.startedAtMs;
  const [endMs, sentMs] = [after(requests.latencyMs), after(requests.lagMs)];
  const early = (index: number) => {
    const effectAtMs = effects.firstAtMs[index]!;
    // Also of one that was never sent, whose time is NaN.
    return !Number.isNaN(effectAtMs) && !(effectAtMs >= sentMs(index) - toleranceMs);
  };
  const answeredEarly = (index: number) =>
    isCompleted(requests.outcome(index)) && effects.answeredAtMs[index]! > endMs(index) + toleranceMs;
  const misjudged = (index: number) => {
    const outcome = requests.outcome(index);
    const overMs = requests.latencyMs[index]! - deadlineMs;
    return (outcome === 'ok' && overMs > roundingMs) || (outcome === 'late' && overMs < -roundingMs);
  };
  return [
    check(
      'no request is sent before its time, or ends before it is sent',
      none(
        found(
          'sent before their time, or ended before that',
          requests,
          (index) => requests.lagMs[index]! < -toleranceMs || endMs(index) < sentMs(index) - toleranceMs,
        ),
      ),
    ),
    check(
      'no effect precedes its request',
      none(found('effects before their request was sent, or without', requests, early)),
    ),
    check(
      'no answer precedes its effect',
      none(found('completions that the generator received before the effect', requests, answeredEarly)),
    ),
    check(
      'every completed request has an end',
      none(
        found(
          'ok or late, without an end',
          requests,
          (index) => isCompleted(requests.outcome(index)) && Number.isNaN(requests.latencyMs[index]!),
        ),
      ),
    ),
    check(
      'the deadline separates ok from late',
      none(found('ok after the deadline, or late within it', requests, misjudged)),
    ),
  ];
}

function strayCheck({ effects: { belated, strays } }: Witnesses): Check {
  const result = check('no effect without a request', none(known('effects of unknown requests', strays)));
  return { ...result, note: result.note || (belated > 0 ? `${count(belated)} more are of the warm-up` : '') };
}

function attemptChecks(witnesses: Witnesses): Check[] {
  const { path, counters, requests, effects, foreign } = witnesses;
  const caller = callers[path];
  const { [caller]: made, downstream: seen } = counters.attempts;
  const counted = countedBy(caller, counters, 'attempts made', made);
  const seenCheck = check(
    'downstream saw no attempt that its caller did not make',
    atMost(countedBy('downstream', counters, 'attempts seen', seen), counted),
  );
  const unseen = seen < made ? `${count(made - seen)} never arrived: no connection, or cut off first` : '';
  const reported = requests.attempts.reduce((sum, attempts) => sum + (attempts || 0), 0);
  const unreported = countOf(requests, (index) => Number.isNaN(requests.attempts[index]!));
  const missing =
    unreported > 0 ? `the attempts of ${plural(unreported, 'request')} are unknown: not compared` : undefined;
  // An event whose acknowledgement got lost is attempted again after its end.
  const unreportedCheck = check(
    'the record reports every attempt that was made',
    atMost(counted, { ...known('generator, attempts reported', reported), missing }),
  );
  const reportedCheck = check(
    'the record reports no attempt that was not made',
    atMost(known('generator, attempts reported', reported), counted),
  );
  const untried = (index: number) =>
    requests.attempts[index] === 0 && !Number.isNaN(effects.firstAtMs[index]);
  const untriedCheck = check(
    'no effect without an attempt',
    none({
      ...found('in the effect log, without an attempt in the record', requests, untried),
      surplus: foreign.includes(caller) ? counters.doubts[caller]?.surplus : undefined,
    }),
  );
  const committed = counters.effects.waiting + counters.effects.gone;
  const committedCheck = check(
    'downstream had no more effects than attempts',
    atMost(
      countedBy('downstream', counters, 'effects, suppressed ones included', committed),
      countedBy('downstream', counters, 'attempts seen', seen),
    ),
  );
  return [
    { ...seenCheck, note: seenCheck.note || unseen },
    committedCheck,
    ...(path === 'rpc' ? attemptsOfCalls(witnesses) : []),
    reportedCheck,
    ...(path === 'rpc' ? [unreportedCheck] : []),
    untriedCheck,
  ];
}

/** Checks the attempts of each call. An event may be attempted again after its end, so its record can tell of fewer. */
function attemptsOfCalls({ requests, effects, attemptsMax, foreign }: Witnesses): Check[] {
  const checks = [
    check(
      'no completed request has the status of a failure',
      none(known('completed with the status of a failure', requests.misfits)),
    ),
    check(
      'no request has more effects than attempts',
      none(
        found(
          'with more effects than attempts in the record',
          requests,
          (index) => effects.counts[index]! > requests.attempts[index]!,
        ),
      ),
    ),
  ];
  if (foreign.includes(callers.rpc)) return checks;
  const over = found(
    `with more than ${attemptsMax} attempts`,
    requests,
    (index) => requests.attempts[index]! > attemptsMax,
  );
  return [...checks, check('no request has more attempts than its policies allow', none(over))];
}
