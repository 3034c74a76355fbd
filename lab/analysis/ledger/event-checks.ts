import { isCompleted, isOfWarmUp, requestIndex } from '#kit/wire.ts';
import { plural } from '#lab/text/format.ts';
import { agree, atMost, type Check, type Count, check, known, none } from './check.ts';
import { redriveChecks } from './redriven.ts';
import { countedBy, countOf, sentIn, type Witnesses } from './witnesses.ts';

/** Holds what publisher, broker and consumer say of events against the generator's record. */
export function eventChecks(witnesses: Witnesses, lost: number): Check[] {
  const { redriven, remains, foreign } = witnesses;
  return [
    ...publisherChecks(witnesses),
    ...consumerChecks(witnesses),
    ...deadLetterChecks(witnesses),
    ...redriveChecks(redriven, remains, foreign.includes('consumer')),
    check('no accepted event is lost', none(known('lost', lost))),
    stuckCheck(witnesses),
  ];
}

function publisherChecks({ summary, counters, requests }: Witnesses): Check[] {
  const { publisher } = counters;
  const outcomes = requests.count();
  const counted = (what: string, value: number) => countedBy('publisher', counters, what, value);
  const total = Object.values(publisher).reduce((sum, value) => sum + value, 0);
  return [
    check(
      'publisher and generator agree on accepted',
      ...agree(
        known('generator', summary.accepted),
        counted('accepted + duplicate', publisher.accepted + publisher.duplicate),
        requests.unanswered,
      ),
    ),
    check(
      'publisher and generator agree on duplicates',
      ...agree(
        known('generator', summary.duplicates),
        counted('duplicate', publisher.duplicate),
        requests.unanswered,
      ),
    ),
    check(
      'publisher and generator agree on dropped',
      ...agree(
        known('generator, of those sent', outcomes.dropped - requests.unconnected),
        counted('dropped + unavailable', publisher.dropped + publisher.unavailable),
        requests.unanswered,
      ),
    ),
    check(
      'the publisher answered no more than was sent',
      atMost(counted('answered', total), known('generator, sent', sentIn(requests))),
    ),
  ];
}

/**
 * The consumer ends an event once, or again where an acknowledgement got lost. It counts no fewer ends than the others
 * know of, and no more than the broker made deliveries; `effectChecks` bounds its completions by downstream's effects. It
 * does not count a dead event whose acknowledgement the broker took, but did not confirm.
 */
function consumerChecks(witnesses: Witnesses): Check[] {
  const { counters, requests, redriven } = witnesses;
  const { consumer } = counters;
  const outcomes = requests.count();
  const counted = (what: string, value: number) => countedBy('consumer', counters, what, value);
  const deliveries = deliveriesOf(witnesses);
  return [
    check(
      'the consumer completed what the generator counts as completed',
      atMost(known('generator, ok + late', outcomes.ok + outcomes.late), counted('ok', consumer.ok)),
    ),
    check(
      'the consumer dead-lettered what is in the dead letters, and what was redriven',
      atMost(
        known('dead letters, and redriven ones', lettersIn(witnesses) + redriven.letters),
        counted('dead', consumer.dead),
        consumer.unconfirmed,
      ),
    ),
    check(
      'the consumer ended no more deliveries than the broker made',
      atMost(counted('deliveries', consumer.all), deliveries),
    ),
  ];
}

const deliveriesOf = ({ remains }: Witnesses): Count => ({
  who: 'broker, deliveries',
  value: remains?.deliveries ?? 0,
  missing:
    remains?.deliveries === undefined ? 'the broker or its consumer was restarted: not compared' : undefined,
});

/** Events with a letter, but for those whose message waits to be acknowledged: the consumer counts them only then. */
const lettersIn = ({ requests, remains }: Witnesses): number =>
  countOf(requests, (index) => (remains?.dead.has(index) ?? false) && !remains?.pending.has(index));

function deadLetterChecks(witnesses: Witnesses): Check[] {
  const { requests, remains, counters, foreign } = witnesses;
  const isDead = (index: number) => remains?.dead.has(index) ?? false;
  const dead = requests.count().dead;
  const found = countOf(requests, (index) => requests.outcome(index) === 'dead' && isDead(index));
  // A consumer that is not ours may put its dead events elsewhere.
  const missing = foreign.includes('consumer') ? counters.doubts.consumer?.missing : undefined;
  const unheld = (index: number) => ['dropped', 'unsent'].includes(requests.outcome(index) ?? '');
  const held = countOf(
    requests,
    (index) => unheld(index) && (isDead(index) || (remains?.pending.has(index) ?? false)),
  );
  return [
    check(
      'every dead event is in the dead letters',
      atMost(known('generator, dead', dead), { ...known('of them in the dead letters', found), missing }),
    ),
    twiceCheck(witnesses),
    check(
      'no dropped or unsent event is with the broker',
      none(known('dropped or unsent, in a stream', held)),
    ),
  ];
}

/**
 * An event whose acknowledgement got lost is delivered again after its completion, and may be dead-lettered then. Both ends
 * are deliveries of their own: of the consumer, and of the broker.
 */
function twiceCheck(witnesses: Witnesses): Check {
  const { requests, remains, counters, redriven } = witnesses;
  const { ok, late } = requests.count();
  const twice = countOf(
    requests,
    (index) => isCompleted(requests.outcome(index)) && (remains?.dead.has(index) ?? false),
  );
  const ends = known(
    'generator, ok + late, dead letters and redriven ones',
    ok + late + lettersIn(witnesses) + redriven.letters,
  );
  const counted = countedBy('consumer', counters, 'ok + dead', counters.consumer.ok + counters.consumer.dead);
  const found = check(
    'no event is both completed and dead-lettered, unless delivered twice',
    ...(twice === 0
      ? []
      : [atMost(ends, counted, counters.consumer.unconfirmed), atMost(ends, deliveriesOf(witnesses))]),
  );
  const witnessed = { 'completed and in the dead letters': twice, ...found.witnesses };
  const note =
    twice === 0 || found.note !== '' ? found.note : `${plural(twice, 'event')}: an acknowledgement got lost`;
  return { ...found, witnesses: witnessed, note };
}

/**
 * A broker keeps messages for a moment after they are acknowledged, and where it was killed perhaps for good: it forgets
 * that it removed them, not that they were done. They must be of events that are, or of the warm-up.
 */
function stuckCheck({ requests, effects, remains }: Witnesses): Check {
  const { behind = [], delivered = [], unacknowledged = 0 } = remains ?? {};
  const isEnded = (index: number) =>
    isCompleted(requests.outcome(index)) || requests.outcome(index) === 'dead';
  const ended = (ids: readonly string[], is: (index: number) => boolean) =>
    ids.filter((id) => isOfWarmUp(id) || is(requestIndex(id))).length;
  // Which of those delivered they are nobody says; so one with an effect is pending, but may be acknowledged.
  const forgotten = Math.max(0, delivered.length - unacknowledged);
  const mayBe = ended(delivered, (index) => isEnded(index) || !Number.isNaN(effects.firstAtMs[index]));
  const stuck = behind.length + forgotten;
  const found = check(
    'no event is stuck in the stream',
    atMost(
      known('stuck', stuck),
      known(
        'of finished events and the warm-up, at most',
        ended(behind, isEnded) + Math.min(forgotten, mayBe),
      ),
    ),
  );
  return { ...found, note: found.note || (stuck > 0 ? 'the broker kept what was acknowledged' : '') };
}
