import { expect, test } from 'vitest';
import { dependencies } from '#lab/experiment/checks/downstream.ts';
import { experimentText as edited, refusal } from '#test/fixtures/experiment.ts';

const brownout =
  'faults: [{ name: f, atMs: 1, forMs: 9, target: downstream, fault: { kind: ¦brownout, capacityFactor: 0.1 } }]';

test.each<[string, string, string[]]>([
  [
    'work that is served in its turn, and taken back',
    edited({}, 'downstream: { model: { kind: queue }, abandonOnAbort: ¦true, deadlines: ¦stop }'),
    [
      'downstream.abandonOnAbort: expected false with the model queue, which serves all that has come, got true',
      'downstream.deadlines: expected ignore with the model queue, which serves all that has come, got stop',
    ],
  ],
  [
    'the same in a variant',
    edited({
      6: '  direct: { path: rpc, downstream: { model: { kind: queue }, deadlines: ¦refuse } }',
    }),
    [
      'variants.direct.downstream.deadlines: expected ignore with the model queue, which serves all that has come, got refuse',
    ],
  ],
  [
    'a brownout of what knows no congestion',
    edited({}, 'downstream: { model: { kind: fixed } }', brownout),
    [
      'faults.0.fault.kind: expected a downstream with the model congestion, got fixed, which has no capacity to lose',
    ],
  ],
])('a check finds %s', (_what, marked, messages) => {
  const { actual, expected } = refusal(marked, messages);
  expect(actual).toEqual(expected);
});

test('dependencies has nothing to say of the usual one', () => {
  expect(dependencies({})).toEqual([]);
});
