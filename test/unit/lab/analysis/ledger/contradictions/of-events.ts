import { at, effect, type Row, redrive, restarted, timedOut } from './edits.ts';

export const onEvents: Row[] = [
  [
    'an event is both ok and dead-lettered',
    'no event is both completed and dead-lettered, unless delivered twice',
    ({ remains }) => remains.dead.add(at.event('ok')),
  ],
  [
    'a dead event is ok in the record',
    'no event is both completed and dead-lettered, unless delivered twice',
    (truth) => {
      truth.requests.decide(at.event('dead'), 'ok');
      effect(truth, at.event('dead'));
    },
  ],
  [
    'the consumer was restarted, and an event is ok and dead-lettered that was delivered once',
    'no event is both completed and dead-lettered, unless delivered twice',
    (truth) => {
      restarted(truth, 'consumer');
      truth.remains.dead.add(at.event('ok'));
      truth.remains.deliveries = 3;
    },
  ],
  [
    'the consumer counted 57 completions of one',
    'every completion that the consumer counted has an effect',
    ({ counters }) => {
      counters.consumer.ok += 56;
    },
  ],
  [
    'the consumer was restarted, and counted 57 completions of one',
    'every completion that the consumer counted has an effect',
    (truth) => {
      restarted(truth, 'consumer');
      truth.counters.consumer.ok += 56;
    },
  ],
  [
    'the consumer ended more deliveries than the broker made',
    'the consumer ended no more deliveries than the broker made',
    ({ counters }) => {
      counters.consumer.dead += 56;
      counters.consumer.all += 56;
    },
  ],
  [
    'consumer and downstream were restarted, and the consumer ended more deliveries than the broker made',
    'the consumer ended no more deliveries than the broker made',
    (truth) => {
      restarted(truth, 'consumer', 'downstream');
      truth.counters.consumer.all += 56;
    },
  ],
  [
    'the consumer completed fewer events than the generator heard of',
    'the consumer completed what the generator counts as completed',
    ({ counters }) => {
      counters.consumer.ok -= 1;
    },
  ],
  [
    'there is a dead letter that the consumer did not count',
    'the consumer dead-lettered what is in the dead letters, and what was redriven',
    ({ counters }) => {
      counters.consumer.dead -= 1;
    },
  ],
  [
    'a letter was redriven whose event never died',
    'the consumer dead-lettered what is in the dead letters, and what was redriven',
    (truth) => {
      truth.redriven.requests.add(0);
      truth.redriven.deadLetters = 1;
      truth.remains.receipts = 1;
    },
  ],
  [
    'a dead event has no dead letter',
    'every dead event is in the dead letters',
    ({ remains }) => remains.dead.delete(at.event('dead')),
  ],
  [
    'an event that was not accepted has a dead letter',
    'no dropped or unsent event is with the broker',
    ({ remains }) => remains.dead.add(at.event('dropped')),
  ],
  [
    'an event that was never sent is in the stream',
    'no dropped or unsent event is with the broker',
    ({ remains }) => remains.pending.add(at.event('unsent')),
  ],
  [
    'an accepted event is nowhere',
    'no accepted event is lost',
    ({ remains }) => remains.pending.delete(at.event('pending')),
  ],
  [
    'an unfinished event counts as acknowledged, so that the broker will never deliver it',
    'no event is stuck in the stream',
    ({ remains }) => {
      remains.pending.delete(at.event('pending'));
      remains.behind.push(`r${at.event('pending')}`);
    },
  ],
  [
    'the publisher accepted an event that the generator has no answer for',
    'publisher and generator agree on accepted',
    ({ counters }) => {
      counters.publisher.accepted += 1;
    },
  ],
  [
    'the publisher was restarted, and accepted more than it was sent',
    'publisher and generator agree on accepted',
    (truth) => {
      restarted(truth, 'publisher');
      truth.counters.publisher.accepted += 1;
    },
  ],
  [
    'the publisher counted no duplicate that the generator was answered',
    'publisher and generator agree on duplicates',
    ({ summary }) => {
      summary.duplicates = 57;
    },
  ],
  [
    'the publisher did not count an event that it refused',
    'publisher and generator agree on dropped',
    ({ counters }) => {
      counters.publisher.dropped -= 1;
    },
  ],
  [
    'the publisher answered an event that was not sent',
    'the publisher answered no more than was sent',
    ({ counters }) => {
      counters.publisher.unknown += 1;
    },
  ],
  [
    'a redriven event was taken twice',
    'the consumer took every redriven event once',
    (truth) => {
      redrive(truth);
      truth.remains.receipts += 1;
    },
  ],
  [
    'an event is nowhere whose consumer timed out after its effect',
    'no accepted event is lost',
    (truth) => {
      timedOut(truth, at.event('ok'));
      truth.remains.pending.delete(at.event('ok'));
    },
  ],
];
