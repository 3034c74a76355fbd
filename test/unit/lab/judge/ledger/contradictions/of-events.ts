import { at, type Contradictions, effect, restarted, timedOut } from './edits.ts';

export const onEvents: Contradictions = {
  'every outcome agrees with its line in the record': {
    'an accepted event is rejected': ({ requests }) => requests.decide(0, 'rejected'),
    'an event that has not ended has an end time': ({ requests }) => {
      requests.latencyMs[at.event('pending')] = 10;
    },
  },
  'no event is both completed and dead-lettered, unless delivered twice': {
    'an event is both ok and dead-lettered': ({ remains }) => remains.dead.add(at.event('ok')),
    'a dead event is ok in the record': (truth) => {
      truth.requests.decide(at.event('dead'), 'ok');
      effect(truth, at.event('dead'));
    },
    'the consumer was restarted, and an event is ok and dead-lettered that was delivered once': (truth) => {
      restarted(truth, 'consumer');
      truth.remains.dead.add(at.event('ok'));
      truth.remains.deliveries = 3;
    },
  },
  'every completion that the consumer counted has an effect': {
    'the consumer counted 57 completions of one': ({ counters }) => {
      counters.consumer.ok += 56;
    },
    'the consumer was restarted, and counted 57 completions of one': (truth) => {
      restarted(truth, 'consumer');
      truth.counters.consumer.ok += 56;
    },
  },
  'the consumer ended no more deliveries than the broker made': {
    'the consumer ended more deliveries than the broker made': ({ counters }) => {
      counters.consumer.dead += 56;
      counters.consumer.all += 56;
    },
    'consumer and downstream were restarted, and the consumer ended more deliveries than the broker made': (
      truth,
    ) => {
      restarted(truth, 'consumer', 'downstream');
      truth.counters.consumer.all += 56;
    },
  },
  'the consumer completed what the generator counts as completed': {
    'the consumer completed fewer events than the generator received completions': ({ counters }) => {
      counters.consumer.ok -= 1;
    },
  },
  'the consumer counted every dead letter, including those that were redriven': {
    'there is a dead letter that the consumer did not count': ({ counters }) => {
      counters.consumer.dead -= 1;
    },
    'a letter was redriven whose event never died': (truth) => {
      truth.redriven.requests.add(0);
      truth.redriven.deadLetters = 1;
    },
  },
  'every dead event is in the dead letters': {
    'a dead event has no dead letter': ({ remains }) => remains.dead.delete(at.event('dead')),
  },
  'no dropped or unsent event is with the broker': {
    'an event that was not accepted has a dead letter': ({ remains }) =>
      remains.dead.add(at.event('dropped')),
    'an event that was never sent is in the stream': ({ remains }) => remains.pending.add(at.event('unsent')),
  },
  'no accepted event is lost': {
    'an accepted event is nowhere': ({ remains }) => remains.pending.delete(at.event('pending')),
    'an event is nowhere whose consumer timed out after its effect': (truth) => {
      timedOut(truth, at.event('ok'));
      truth.remains.pending.delete(at.event('ok'));
    },
  },
  'no event is stuck in the stream': {
    'an unfinished event counts as acknowledged, so that the broker will never deliver it': ({ remains }) => {
      remains.pending.delete(at.event('pending'));
      remains.behind.push(`r${at.event('pending')}`);
    },
  },
  'publisher and generator agree on accepted': {
    'the publisher accepted an event that the generator has no answer for': ({ counters }) => {
      counters.publisher.accepted += 1;
    },
    'the publisher was restarted, and accepted more than it was sent': (truth) => {
      restarted(truth, 'publisher');
      truth.counters.publisher.accepted += 1;
    },
  },
  'publisher and generator agree on duplicates': {
    'the publisher counted no duplicate that the generator was answered': ({ summary }) => {
      summary.duplicates = 57;
    },
  },
  'publisher and generator agree on dropped': {
    'the publisher did not count an event that it refused': ({ counters }) => {
      counters.publisher.dropped -= 1;
    },
  },
  'the publisher answered no more than was sent': {
    'the publisher answered an event that was not sent': ({ counters }) => {
      counters.publisher.unknown += 1;
    },
  },
  'the broker stored no more events than were published and redriven': {
    'an accepted event was published again': ({ remains }) => {
      remains.stored += 1;
    },
  },
};
