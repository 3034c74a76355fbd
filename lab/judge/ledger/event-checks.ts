import { isCompleted, isOfWarmUp, requestIndex } from '#kit/wire.ts';
import { plural } from '#lab/kit/text/format.ts';
import { agree, atMost, type Check, type Count, check, known, none, withNote } from './check.ts';
import { neverAccepted } from './effect-checks.ts';
import { countedBy, countOf, found, refuserOf, sentIn, type Witnesses } from './witnesses.ts';

export function eventChecks(witnesses: Witnesses, lost: number): Check[] {
  return [
    ...publisherChecks(witnesses),
    ...consumerChecks(witnesses),
    ...deadLetterChecks(witnesses),
    check('no accepted event is lost', none(known('lost', lost))),
    stuckCheck(witnesses),
  ];
}

function publisherChecks({ summary, counters, requests, remains, redriven }: Witnesses): Check[] {
  const { publisher } = counters;
  const { accepted, duplicate, dropped, unavailable, unknown } = publisher;
  const counted = (what: string, value: number) => countedBy('publisher', counters, what, value);
  const total = Object.values(publisher).reduce((sum, value) => sum + value, 0);
  const answered = counted('answered', total);
  const sent = known('generator, sent', sentIn(requests));
  const refused = known(
    'generator, dropped among the sent requests',
    requests.count().dropped - requests.unconnected,
  );
  const agreed = (what: string, generator: Count, publisher: Count) =>
    check(`publisher and generator agree on ${what}`, ...agree(generator, publisher, requests.unanswered));
  return [
    agreed(
      'accepted',
      known('generator', summary.accepted),
      counted('accepted + duplicate', accepted + duplicate),
    ),
    agreed('duplicates', known('generator', summary.duplicates), counted('duplicate', duplicate)),
    agreed('dropped', refused, counted('dropped + unavailable', dropped + unavailable)),
    check('the publisher answered no more than was sent', atMost(answered, sent)),
    check(
      'the broker stored no more events than were published and redriven',
      atMost(
        { who: 'broker, stored', value: remains?.stored ?? 0, surplus: counters.doubts.publisher?.surplus },
        counted('accepted, duplicate and unknown', accepted + duplicate + unknown),
        redriven.deadLetters + redriven.doubtful,
      ),
    ),
  ];
}

/** Returns two conditions: an event is in the dead-letter stream, or unacknowledged in the work stream. */
const inStreams = ({ remains }: Witnesses) => ({
  isDead: (index: number) => remains?.dead.has(index) ?? false,
  isPending: (index: number) => remains?.pending.has(index) ?? false,
});

/** Counts what the consumer must have dead-lettered: dead letters of acknowledged events, and redriven ones. */
function deadLettersIn(witnesses: Witnesses): number {
  const { isDead, isPending } = inStreams(witnesses);
  const acknowledged = countOf(witnesses.requests, (index) => isDead(index) && !isPending(index));
  return acknowledged + witnesses.redriven.deadLetters;
}

const deliveriesOf = ({ remains }: Witnesses): Count => ({
  who: 'broker, deliveries',
  value: remains?.deliveries ?? 0,
  missing:
    remains?.deliveries === undefined ? 'the broker or its consumer was restarted: not compared' : undefined,
});

/**
 * The consumer ends an event once, or again if an acknowledgement got lost. So it counts at least the ends that
 * other witnesses report, and at most the broker's deliveries. It doesn't count a dead event whose acknowledgement
 * the broker did not confirm. `effectChecks` checks that completed events have effects.
 */
function consumerChecks(witnesses: Witnesses): Check[] {
  const { counters, requests } = witnesses;
  const { consumer } = counters;
  const { ok, late } = requests.count();
  const counted = (what: string, value: number) => countedBy('consumer', counters, what, value);
  const completed = known('generator, ok + late', ok + late);
  const deadLetters = known('dead letters, and redriven ones', deadLettersIn(witnesses));
  return [
    check(
      'the consumer completed what the generator counts as completed',
      atMost(completed, counted('ok', consumer.ok)),
    ),
    check(
      'the consumer counted every dead letter, including those that were redriven',
      atMost(deadLetters, counted('dead', consumer.dead), consumer.unconfirmed),
    ),
    check(
      'the consumer ended no more deliveries than the broker made',
      atMost(counted('deliveries', consumer.all), deliveriesOf(witnesses)),
    ),
  ];
}

function deadLetterChecks(witnesses: Witnesses): Check[] {
  const { requests, counters, foreign } = witnesses;
  const { isDead, isPending } = inStreams(witnesses);
  // A consumer that is not Spillway's may put its dead events elsewhere.
  const missing = foreign.includes('consumer') ? counters.doubts.consumer?.missing : undefined;
  const dead = known('generator, dead', requests.count().dead);
  const isStored = (index: number) => requests.outcome(index) === 'dead' && isDead(index);
  const stored = { ...found('of them in the dead letters', requests, isStored), missing };
  return [
    check('every dead event is in the dead letters', atMost(dead, stored)),
    twiceCheck(witnesses),
    refuserOf(requests)(
      'no dropped or unsent event is with the broker',
      'dropped or unsent, in a stream',
      (index) => neverAccepted.has(requests.outcome(index)) && (isDead(index) || isPending(index)),
    ),
  ];
}

/**
 * Checks events that were both completed and dead-lettered. If its acknowledgement got lost, a completed event is
 * delivered again and may then be dead-lettered. The counts of consumer and broker must each include both deliveries.
 */
function twiceCheck(witnesses: Witnesses): Check {
  const { requests, counters } = witnesses;
  const { ok, late } = requests.count();
  const { isDead } = inStreams(witnesses);
  const twice = countOf(requests, (index) => isCompleted(requests.outcome(index)) && isDead(index));
  const who = 'generator, ok + late, dead letters and redriven ones';
  const ends = known(who, ok + late + deadLettersIn(witnesses));
  const { consumer } = counters;
  const counted = countedBy('consumer', counters, 'ok + dead', consumer.ok + consumer.dead);
  const bounds = [atMost(ends, counted, consumer.unconfirmed), atMost(ends, deliveriesOf(witnesses))];
  const result = check(
    'no event is both completed and dead-lettered, unless delivered twice',
    ...(twice === 0 ? [] : bounds),
  );
  const witnessed = { 'completed and in the dead letters': twice, ...result.witnesses };
  const note = twice > 0 ? `${plural(twice, 'event')}: an acknowledgement was lost` : '';
  return withNote({ ...result, witnesses: witnessed }, note);
}

/**
 * Checks that messages left in the work stream belong to finished events or to the warm-up. The broker removes a
 * message a moment after its acknowledgement. A killed broker may forget the removal, but not the acknowledgement.
 */
function stuckCheck({ requests, effects, remains }: Witnesses): Check {
  const { behind = [], delivered = [], unacknowledged = 0 } = remains ?? {};
  const isEnded = (index: number) =>
    isCompleted(requests.outcome(index)) || requests.outcome(index) === 'dead';
  const ended = (ids: readonly string[], is: (index: number) => boolean) =>
    ids.filter((id) => isOfWarmUp(id) || is(requestIndex(id))).length;
  // It is unknown which of the delivered events are acknowledged. An event with an effect may be acknowledged or not.
  const forgotten = Math.max(0, delivered.length - unacknowledged);
  const mayBe = ended(delivered, (index) => isEnded(index) || !Number.isNaN(effects.firstAtMs[index]));
  const stuck = known('acknowledged, but left in the stream', behind.length + forgotten);
  const most = ended(behind, isEnded) + Math.min(forgotten, mayBe);
  const finished = known('of these, at most from finished events or the warm-up', most);
  return withNote(
    check('no event is stuck in the stream', atMost(stuck, finished)),
    stuck.value > 0 ? 'the broker kept what was acknowledged' : '',
  );
}
