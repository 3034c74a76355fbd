import { type Contradictions, effect, nowhere, restarted } from './edits.ts';

/** Contradictions that are possible on both paths. */
export const onBoth: Contradictions = {
  'every offered request has one outcome': {
    'a request has no line in the record': ({ requests }) => {
      requests.recorded -= 1;
    },
    'a request has two lines in the record': ({ requests }) => {
      requests.strays += 1;
    },
    'the generator offered fewer requests than were planned': ({ summary }) => {
      summary.offered -= 1;
    },
  },
  'every ok or late request has an effect': {
    'an ok request has no effect': ({ effects }) => {
      effects.firstAtMs[0] = nowhere;
    },
  },
  'no dropped or unsent request has an effect': {
    'a request that was never sent has an effect': (truth) => effect(truth, truth.requests.size - 1),
  },
  'no effect precedes its request': {
    'a request that found no free connection has an effect': ({ requests }) => {
      requests.lagMs[0] = nowhere;
    },
    'an effect came 5 s before its request was sent': ({ effects }) => {
      effects.firstAtMs[0]! -= 5000;
    },
  },
  'no answer precedes its effect': {
    'an answer came 5 s before its effect': ({ effects }) => {
      effects.firstAtMs[0]! += 5000;
    },
    'an answer came 5 s before its effect, after one for a caller who had gone': ({ effects }) => {
      effects.answeredAtMs[0]! += 5000;
    },
  },
  'the deadline separates ok from late': {
    'a request is ok that completed after the deadline': ({ requests }) => {
      requests.latencyMs[0] = 101;
    },
    'a request is late that completed within the deadline': ({ requests, effects }) => {
      requests.latencyMs[1] = 99;
      effects.firstAtMs[1] = 1050;
    },
  },
  'every ok or late request has an effect whose caller waited': {
    'a request completed whose only effect no caller waited for': ({ effects }) => {
      effects.answeredAtMs[0] = nowhere;
    },
  },
  'no effect without a request': {
    'an effect belongs to no request': ({ effects }) => {
      effects.strays += 1;
    },
  },
  'the effect log holds what downstream counted': {
    'downstream counted an effect that is not in its log': ({ counters }) => {
      counters.effects.waiting += 3;
    },
    'the log has an effect that downstream did not count': ({ effects }) => {
      effects.total += 1;
    },
    'downstream was restarted, and counted an effect that is not in its log': (truth) => {
      restarted(truth, 'downstream');
      truth.counters.effects.waiting += 3;
    },
  },
  'downstream saw no attempt that its caller did not make': {
    'downstream saw an attempt that its caller did not make': ({ counters }) => {
      counters.attempts = { ...counters.attempts, downstream: 99 };
    },
    'downstream was restarted, and saw an attempt that its caller did not make': (truth) => {
      restarted(truth, 'downstream');
      truth.counters.attempts = { ...truth.counters.attempts, downstream: 99 };
    },
  },
  'the record reports no attempt that was not made': {
    'the record tells of an attempt that the caller did not make': ({ requests }) => {
      requests.attempts[0] = 99;
    },
  },
  'the effect log holds what downstream counted for disconnected callers': {
    'the log names fewer callers who had gone than downstream counted': ({ counters }) => {
      counters.effects.waiting -= 2;
      counters.effects.gone += 2;
    },
    'the log names callers who had gone that downstream did not count': ({ effects }) => {
      effects.wasted = 57;
    },
  },
  'no request is sent before its time, or ends before it is sent': {
    'a request was sent 5 s before its time': ({ requests }) => {
      requests.lagMs[2] = -5000;
    },
    'a request ended before it was sent': ({ requests }) => {
      requests.lagMs[2] = 500;
      requests.latencyMs[2] = 100;
    },
  },
  'no effect without an attempt': {
    'the record tells of no attempt for a request that has an effect': ({ requests }) => {
      requests.attempts[0] = 0;
    },
  },
  'every completed request has an end time': {
    'a completed request has no end': ({ requests }) => {
      requests.latencyMs[0] = nowhere;
    },
  },
  'downstream had no more effects than attempts': {
    'downstream counted effects, but no attempt': ({ counters }) => {
      counters.attempts = { ...counters.attempts, downstream: 0 };
    },
  },
};
