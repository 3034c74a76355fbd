import { expect, test } from 'vitest';
import { experimentText as edited, refusal } from '#test/fixtures/experiment.ts';

const classes = 'classes: { slow: 0.05, quick: 0.9 }';
const fault = (ofClass: string) =>
  `  - { name: slow, atMs: 0, forMs: 10, target: downstream, fault: { kind: hang, class: ${ofClass} } }`;
const name = 'expected a name of at most 40 small letters, digits and hyphens, with a letter in it';

test.each<[string, string, string[]]>([
  ['a class that is no name', edited({}, 'classes: { ¦Slow: 0.1 }'), [`classes.Slow: ${name}`]],
  [
    'shares of more than the whole',
    edited({}, 'classes: ¦{ slow: 0.5, quick: 0.6 }'),
    ['classes: expected shares of at most 1 together, got 1.1'],
  ],
  ['a share of nothing', edited({}, 'classes: { slow: ¦0 }'), ['classes.slow: expected a number > 0, got 0']],
  [
    'a fault for a class that there is not',
    edited({}, classes, 'faults:', fault('¦slwo')),
    ['faults.0.fault.class: unknown class slwo, did you mean slow?'],
  ],
  [
    'a fault for a class where there are none',
    edited({}, 'faults:', fault('¦slow')),
    ['faults.0.fault.class: unknown class slow, the experiment has no classes'],
  ],
  [
    'a fault for a class that its kind does not tell apart',
    edited(
      {},
      classes,
      'faults:',
      '  - { name: x, atMs: 0, forMs: 10, target: downstream, fault: { kind: brownout, capacityFactor: 0.5, ¦class: slow } }',
    ),
    [
      'faults.0.fault.class: unknown field, only for kind latency, failure, slow-errors, slow-body, malformed, truncated, reset, hang',
    ],
  ],
  [
    'policies for a class that there is not, on both paths',
    edited(
      {
        6: '  direct: { path: rpc, policies: [{ timeout: { ms: 5 } }, { bulkhead: { concurrency: 4, class: ¦quik } }] }',
        7: '  queued: { path: event, policies: [{ budget: { kind: aws, class: ¦other } }] }',
      },
      classes,
    ),
    [
      'variants.direct.policies.1.bulkhead.class: unknown class quik, did you mean quick?',
      'variants.queued.policies.0.budget.class: unknown class other, expected one of slow, quick',
    ],
  ],
  [
    'a hypothesis about a class that there is not',
    edited({ 8: 'hypothesis: ["goodput(direct, class ¦slo) > 0.5"]' }, classes),
    ['hypothesis.0: unknown class slo, did you mean slow?'],
  ],
])('classes refuses %s', (_what, text, messages) => {
  const { actual, expected } = refusal(text, messages);
  expect(actual).toEqual(expected);
});
