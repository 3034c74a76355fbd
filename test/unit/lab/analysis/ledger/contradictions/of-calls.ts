import { at, effect, type Row, repeat, restarted } from './edits.ts';

export const onRpc: Row[] = [
  [
    'the record tells of fewer attempts than were made',
    'the record reports every attempt that was made',
    ({ requests }) => requests.attempts.fill(0),
  ],
  [
    'a request that was refused before any attempt has an effect',
    'no rejected request has an effect',
    (truth) => effect(truth, at.rpc('rejected')),
  ],
  [
    'a request that was refused before any attempt has one in the record',
    'no rejected request has an attempt',
    ({ requests }) => {
      requests.attempts[at.rpc('rejected')] = 1;
    },
  ],
  ...(['ok', 'failed', 'timeout', 'rejected'] as const).flatMap((outcome): Row[] => [
    [
      `the gateway counted fewer ${outcome} than the generator received`,
      `gateway and generator agree on ${outcome}`,
      ({ counters }) => {
        counters.gateway[outcome] -= 1;
      },
    ],
    [
      `the gateway was restarted, and counted more ${outcome} than there can be`,
      `gateway and generator agree on ${outcome}`,
      (truth) => {
        restarted(truth, 'gateway');
        truth.counters.gateway[outcome] += 2;
      },
    ],
  ]),
  [
    'the gateway counted an answer to one unknown request twice',
    'the gateway answered no more than was sent',
    ({ counters }) => {
      counters.gateway.failed += 1;
      counters.gateway.timeout += 1;
    },
  ],
  [
    'a call that failed is ok in the record',
    'every ok or late request has an effect',
    ({ requests }) => {
      requests.decide(at.rpc('failed'), 'ok');
      requests.latencyMs[at.rpc('failed')] = 10;
    },
  ],
  [
    'the gateway counted a completion of an unknown request without an effect',
    'every completion that the gateway counted has an effect',
    ({ counters }) => {
      counters.gateway.ok += 1;
    },
  ],
  [
    'a request has 20 effects more than attempts',
    'no request has more effects than attempts',
    (truth) => {
      truth.requests.attempts[0] = 1;
      for (let i = 0; i < 20; i++) repeat(truth);
    },
  ],
  [
    'a request has more attempts than its policies allow',
    'no request has more attempts than its policies allow',
    ({ requests }) => {
      requests.attempts[0] = 99;
    },
  ],
  [
    'a completed request has the status of a failure',
    'no completed request has the status of a failure',
    ({ requests }) => {
      requests.misfits = 1;
    },
  ],
];
