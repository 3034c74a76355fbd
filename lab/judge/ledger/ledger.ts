import type { Ledger } from '#lab/judge/result/result.ts';
import { agree, atMost, type Check, check, known, none, same } from './check.ts';
import { effectChecks } from './effect-checks.ts';
import { eventChecks } from './event-checks.ts';
import { countedBy, found, sentIn, type Witnesses } from './witnesses.ts';

/** Compares the witnesses' counts. `reconcile` must have decided the outcomes before. */
export function balance(witnesses: Witnesses, lost: number): Ledger {
  const { path, isClosed, summary, requests } = witnesses;
  const sum = Object.values(requests.count()).reduce((a, b) => a + b, 0);
  const planned = known('planned arrivals', summary.planned);
  const offered = known('generator, offered', summary.offered);
  const checks = [
    check(
      'every offered request has one outcome',
      ...(isClosed ? [atMost(offered, planned)] : same(planned, offered)),
      ...same(
        offered,
        known('sum of outcomes', sum),
        known('lines in the record', requests.recorded + requests.strays),
      ),
    ),
    check(
      'every outcome agrees with its line in the record',
      none(known('outcomes that contradict their status, times or attempts', requests.misfits)),
    ),
    ...effectChecks(witnesses),
    ...(path === 'rpc' ? callChecks(witnesses) : eventChecks(witnesses, lost)),
  ];
  return { balanced: checks.every(({ ok }) => ok), checks };
}

function callChecks({ requests, counters, effects, foreign }: Witnesses): Check[] {
  const outcomes = requests.count();
  const pairs = [
    ['ok', outcomes.ok + outcomes.late],
    ['failed', outcomes.failed - requests.unconnected],
    ['timeout', outcomes.timeout],
    ['rejected', outcomes.rejected],
  ] as const;
  const counted = (what: string, value: number) => countedBy('gateway', counters, what, value);
  const answered = Object.values(counters.gateway).reduce((sum, value) => sum + value, 0);
  const sent = known('generator, sent', sentIn(requests));
  // A gateway that isn't Spillway's may refuse a request after an attempt, too.
  const surplus = foreign.includes('gateway') ? counters.doubts.gateway?.surplus : undefined;
  const noneRejected = (who: string, has: (index: number) => boolean) => {
    const is = (index: number) => requests.outcome(index) === 'rejected' && has(index);
    return none({ ...found(`rejected, ${who}`, requests, is), surplus });
  };
  return [
    ...pairs.map(([name, generator]) => {
      const ofThoseSent = known(`generator, ${name} among the sent requests`, generator);
      // The gateway also counts answers that the generator could not receive any more.
      const bounds = agree(ofThoseSent, counted(name, counters.gateway[name]), outcomes.unknown);
      return check(`gateway and generator agree on ${name}`, ...bounds);
    }),
    check('the gateway answered no more than was sent', atMost(counted('answered', answered), sent)),
    check(
      'no rejected request has an effect',
      noneRejected('in the effect log', (index) => !Number.isNaN(effects.firstAtMs[index])),
    ),
    check(
      'no rejected request has an attempt',
      noneRejected('with an attempt in the record', (index) => requests.attempts[index]! > 0),
    ),
  ];
}
