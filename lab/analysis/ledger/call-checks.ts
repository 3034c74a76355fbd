import type { Outcome } from '#kit/wire.ts';
import { agree, atMost, type Check, type Count, check, known, none } from './check.ts';
import { attemptsReported, countedBy, countOf, sentIn, type Witnesses } from './witnesses.ts';

/** Holds what the gateway says of calls against the generator's record. */
export function callChecks(witnesses: Witnesses): Check[] {
  const { requests, counters } = witnesses;
  const outcomes = requests.count();
  const pairs = [
    ['ok', outcomes.ok + outcomes.late],
    ['failed', outcomes.failed - requests.unconnected],
    ['timeout', outcomes.timeout],
    ['rejected', outcomes.rejected],
  ] as const;
  const answered = Object.values(counters.gateway).reduce((sum, value) => sum + value, 0);
  return [
    ...pairs.map(([name, generator]) =>
      // An answer that the generator could not receive any more is one the gateway counted.
      check(
        `gateway and generator agree on ${name}`,
        ...agree(
          known('generator, of those sent', generator),
          countedBy('gateway', counters, name, counters.gateway[name]),
          outcomes.unknown,
        ),
      ),
    ),
    check(
      'the gateway answered no more than was sent',
      atMost(
        countedBy('gateway', counters, 'answered', answered),
        known('generator, sent', sentIn(requests)),
      ),
    ),
    ...refusalChecks(witnesses),
  ];
}

/** Spillway's gateway refuses only before any attempt; another one when it likes. */
function refusalChecks({ requests, effects, counters, foreign }: Witnesses): Check[] {
  const surplus = foreign.includes('gateway') ? counters.doubts.gateway?.surplus : undefined;
  const refused = (who: string, has: (index: number) => boolean): Count => {
    const value = countOf(requests, (index) => requests.outcome(index) === rejected && has(index));
    return { ...known(`rejected, ${who}`, value), surplus };
  };
  return [
    check(
      'no rejected request has an effect',
      none(refused('in the effect log', (index) => !Number.isNaN(effects.firstAtMs[index]))),
    ),
    check(
      'no rejected request has an attempt',
      none(refused('with an attempt in the record', (index) => attemptsReported(requests, index) > 0)),
    ),
  ];
}

const rejected: Outcome = 'rejected';
