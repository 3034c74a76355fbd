import { effect, nowhere, type Row, restarted } from './edits.ts';

/** Contradictions on either path. */
export const onBoth: Row[] = [
  [
    'a request has no line in the record',
    'every offered request has one outcome',
    ({ requests }) => {
      requests.recorded -= 1;
    },
  ],
  [
    'a request has two lines in the record',
    'every offered request has one outcome',
    ({ requests }) => {
      requests.strays += 1;
    },
  ],
  [
    'the generator offered fewer requests than were planned',
    'every offered request has one outcome',
    ({ summary }) => {
      summary.offered -= 1;
    },
  ],
  [
    'an ok request has no effect',
    'every ok or late request has an effect',
    ({ effects }) => {
      effects.firstAtMs[0] = nowhere;
    },
  ],
  [
    'a request that was never sent has an effect',
    'no dropped or unsent request has an effect',
    (truth) => effect(truth, truth.requests.size - 1),
  ],
  [
    'a request that found no free connection has an effect',
    'no effect precedes its request',
    ({ requests }) => {
      requests.lagMs[0] = nowhere;
    },
  ],
  [
    'an effect came 5 s before its request was sent',
    'no effect precedes its request',
    ({ effects }) => {
      effects.firstAtMs[0]! -= 5000;
    },
  ],
  [
    'an answer came 5 s before its effect',
    'no answer precedes its effect',
    ({ effects }) => {
      effects.firstAtMs[0]! += 5000;
    },
  ],
  [
    'a request is ok that completed after the deadline',
    'the deadline separates ok from late',
    ({ requests }) => {
      requests.latencyMs[0] = 101;
    },
  ],
  [
    'a request is late that completed within the deadline',
    'the deadline separates ok from late',
    ({ requests, effects }) => {
      requests.latencyMs[1] = 99;
      effects.firstAtMs[1] = 1050;
    },
  ],
  [
    'a request completed whose only effect no caller waited for',
    'every ok or late request has an effect whose caller waited',
    ({ effects }) => {
      effects.answeredAtMs[0] = nowhere;
    },
  ],
  [
    'an effect belongs to no request',
    'no effect without a request',
    ({ effects }) => {
      effects.strays += 1;
    },
  ],
  [
    'downstream counted an effect that is not in its log',
    'the effect log holds what downstream counted',
    ({ counters }) => {
      counters.effects.waiting += 3;
    },
  ],
  [
    'the log has an effect that downstream did not count',
    'the effect log holds what downstream counted',
    ({ effects }) => {
      effects.total += 1;
    },
  ],
  [
    'downstream saw an attempt that its caller did not make',
    'downstream saw no attempt that its caller did not make',
    ({ counters }) => {
      counters.attempts = { ...counters.attempts, downstream: 99 };
    },
  ],
  [
    'the record tells of an attempt that the caller did not make',
    'the record reports no attempt that was not made',
    ({ requests }) => {
      requests.attempts[0] = 99;
    },
  ],
  [
    'the log names fewer callers who had gone than downstream counted',
    'the effect log holds what downstream counted for disconnected callers',
    ({ counters }) => {
      counters.effects.waiting -= 2;
      counters.effects.gone += 2;
    },
  ],
  [
    'the log names callers who had gone that downstream did not count',
    'the effect log holds what downstream counted for disconnected callers',
    ({ effects }) => {
      effects.wasted = 57;
    },
  ],
  [
    'a request was sent 5 s before its time',
    'no request is sent before its time, or ends before it is sent',
    ({ requests }) => {
      requests.lagMs[2] = -5000;
    },
  ],
  [
    'a request ended before it was sent',
    'no request is sent before its time, or ends before it is sent',
    ({ requests }) => {
      requests.lagMs[2] = 500;
      requests.latencyMs[2] = 100;
    },
  ],
  [
    'the record tells of no attempt for a request that has an effect',
    'no effect without an attempt',
    ({ requests }) => {
      requests.attempts[0] = 0;
    },
  ],
  [
    'downstream was restarted, and counted an effect that is not in its log',
    'the effect log holds what downstream counted',
    (truth) => {
      restarted(truth, 'downstream');
      truth.counters.effects.waiting += 3;
    },
  ],
  [
    'downstream was restarted, and saw an attempt that its caller did not make',
    'downstream saw no attempt that its caller did not make',
    (truth) => {
      restarted(truth, 'downstream');
      truth.counters.attempts = { ...truth.counters.attempts, downstream: 99 };
    },
  ],
  [
    'a completed request has no end',
    'every completed request has an end',
    ({ requests }) => {
      requests.latencyMs[0] = nowhere;
    },
  ],
  [
    'an answer came 5 s before its effect, after one for a caller who had gone',
    'no answer precedes its effect',
    ({ effects }) => {
      effects.answeredAtMs[0]! += 5000;
    },
  ],
  [
    'downstream counted effects, but no attempt',
    'downstream had no more effects than attempts',
    ({ counters }) => {
      counters.attempts = { ...counters.attempts, downstream: 0 };
    },
  ],
];
