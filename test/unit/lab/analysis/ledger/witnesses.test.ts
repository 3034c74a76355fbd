import { expect, test } from 'vitest';
import { measure } from '#lab/analysis/measure.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { experiment, observation } from '../observation.ts';

const measured = (name: 'calls' | 'events', more: Partial<Observation> = {}) =>
  measure(experiment, observation(name, more), [100]);

const calls = measured('calls');
const events = measured('events');

/** Checks that compare the same counts on both paths. */
const onBoth = {
  'every offered request has one outcome': [10, 8, 8, 8],
  'every ok or late request has an effect whose caller waited': [0, 0],
  'every completed request has an end time': [0, 0],
  'downstream had no more effects than attempts': [9, 16],
  'no dropped or unsent request has an effect': [0, 0],
  'no request is sent before its time, or ends before it is sent': [0, 0],
  'no effect precedes its request': [0, 0],
  'no answer precedes its effect': [0, 0],
  'the deadline separates ok from late': [0, 0],
  'no effect without a request': [1, 0],
  'the effect log holds what downstream counted': [7, 7],
  'the effect log holds what downstream counted for disconnected callers': [2, 3],
};

test.each([
  [
    'calls',
    {
      ...onBoth,
      'every ok or late request has an effect': [4, 4],
      'every completion that the gateway counted has an effect': [4, 6],
      'downstream saw no attempt that its caller did not make': [16, 17],
      'the record reports no attempt that was not made': [0, 17],
      'the record reports every attempt that was made': [17, 0],
      'no completed request has the status of a failure': [0, 0],
      'no request has more effects than attempts': [0, 0],
      'no request has more attempts than its policies allow': [0, 0],
      'no effect without an attempt': [0, 0],
      'gateway and generator agree on ok': [4, 4],
      'gateway and generator agree on failed': [1, 1],
      'gateway and generator agree on timeout': [1, 2],
      'gateway and generator agree on rejected': [1, 3],
      'the gateway answered no more than was sent': [10, 8],
      'no rejected request has an effect': [0, 0],
      'no rejected request has an attempt': [0, 0],
    },
    calls,
  ],
  [
    'events',
    {
      ...onBoth,
      'every ok or late request has an effect': [3, 3],
      'every completion that the consumer counted has an effect': [3, 6],
      'downstream saw no attempt that its caller did not make': [16, 23],
      'the record reports no attempt that was not made': [0, 23],
      'no effect without an attempt': [0, 0],
      'publisher and generator agree on accepted': [5, 4],
      'publisher and generator agree on duplicates': [0, 1],
      'publisher and generator agree on dropped': [1, 3],
      'the publisher answered no more than was sent': [107, 7],
      'the consumer completed what the generator counts as completed': [3, 3],
      'the consumer counted every dead letter, including those that were redriven': [1, 2],
      'the consumer ended no more deliveries than the broker made': [105, 104],
      'every dead event is in the dead letters': [1, 1],
      'no event is both completed and dead-lettered, unless delivered twice': [0],
      'no dropped or unsent event is with the broker': [0, 0],
      'no accepted event is lost': [1, 0],
      'no event is stuck in the stream': [1, 0],
    },
    events,
  ],
] as const)('measure compares all witnesses of %s', (_path, expected, { ledger }) => {
  const compared = ledger.checks.map(({ name, witnesses }) => [name, Object.values(witnesses)]);
  expect(Object.fromEntries(compared)).toEqual(expected);
  expect(ledger.balanced).toBe(false);
});

test('measure says which process was restarted, and which counts could not be compared', () => {
  const { self, ledger } = measured('calls', { restarted: ['gateway'], foreign: ['downstream'] });
  expect(self.processes.map(({ name, restarted }) => [name, restarted])).toEqual([
    ['generator', false],
    ['gateway', true],
  ]);
  expect(ledger.checks.map(({ note }) => note)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('gateway was restarted'),
      expect.stringContaining("downstream is not Spillway's"),
    ]),
  );
});

test('measure lets a counter exceed what the load explains where the rest of a warm-up has moved it', () => {
  const { checks } = measured('calls', { unfinishedWarmUp: 1 }).ledger;
  const said = checks.filter(({ note }) => note.endsWith('the rest of the warm-up'));
  expect(said.map(({ ok }) => ok)).toEqual(new Array(11).fill(true));
});

test.each([
  [1, false],
  [2, true],
])('measure lets a counter exceed the load by %d belated effects of a warm-up: %s', (belated, ok) => {
  const { effects } = observation('calls');
  const { checks } = measured('calls', { effects: { ...effects, belated, belatedUntilMs: 0 } }).ledger;
  expect(checks.find(({ name }) => name === 'the gateway answered no more than was sent')?.ok).toBe(ok);
});
