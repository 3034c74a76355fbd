import { at, type Contradictions, effect, repeat, restarted } from './edits.ts';

export const onRpc: Contradictions = {
  'the record reports every attempt that was made': {
    'the record tells of fewer attempts than were made': ({ requests }) => requests.attempts.fill(0),
  },
  'no rejected request has an effect': {
    'a request that was refused before any attempt has an effect': (truth) =>
      effect(truth, at.rpc('rejected')),
  },
  'no rejected request has an attempt': {
    'a request that was refused before any attempt has one in the record': ({ requests }) => {
      requests.attempts[at.rpc('rejected')] = 1;
    },
  },
  'the gateway answered no more than was sent': {
    'the gateway counted an answer to one unknown request twice': ({ counters }) => {
      counters.gateway.failed += 1;
      counters.gateway.timeout += 1;
    },
  },
  'every ok or late request has an effect': {
    'a call that failed is ok in the record': ({ requests }) => {
      requests.decide(at.rpc('failed'), 'ok');
      requests.latencyMs[at.rpc('failed')] = 10;
    },
  },
  'every completion that the gateway counted has an effect': {
    'the gateway counted a completion of an unknown request without an effect': ({ counters }) => {
      counters.gateway.ok += 1;
    },
  },
  'no request has more effects than attempts': {
    'a request has 20 effects more than attempts': (truth) => {
      truth.requests.attempts[0] = 1;
      for (let i = 0; i < 20; i++) repeat(truth);
    },
  },
  'no request has more attempts than its policies allow': {
    'a request has more attempts than its policies allow': ({ requests }) => {
      requests.attempts[0] = 99;
    },
  },
  'every outcome agrees with its line in the record': {
    'a completed request has the status of a failure': ({ requests }) => {
      requests.misfits = 1;
    },
  },
  ...Object.fromEntries(
    (['ok', 'failed', 'timeout', 'rejected'] as const).map((outcome): [string, Contradictions[string]] => [
      `gateway and generator agree on ${outcome}`,
      {
        [`the gateway counted fewer ${outcome} than the generator received`]: ({ counters }) => {
          counters.gateway[outcome] -= 1;
        },
        [`the gateway was restarted, and counted more ${outcome} than there can be`]: (truth) => {
          restarted(truth, 'gateway');
          truth.counters.gateway[outcome] += 2;
        },
      },
    ]),
  ),
};
