import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { unanswerable } from '#lab/judge/asked.ts';
import { experimentText, fault } from '#test/fixtures/experiment.ts';

const parsed = (...of: Parameters<typeof experimentText>) => parseExperiment(experimentText(...of), 'x.yaml');
const between = (...of: Parameters<typeof experimentText>) => unanswerable(parsed(), parsed(...of));

test.each<[string, Parameters<typeof experimentText>]>([
  ['nothing else', []],
  ['another title', [{ 1: 'title: other' }]],
  ['other hypotheses', [{ 8: 'hypothesis: [goodput(direct) > 0.5]' }]],
  ['other limits', [{}, 'validity: { lagP99Ms: 5, reason: x }']],
  ['another recovery', [{}, 'recovery: { overMs: 100 }']],
])('evidence answers %s', (_, asked) => {
  expect(between(...asked)).toEqual([]);
});

test.each<[string, Parameters<typeof experimentText>, string[]]>([
  [
    'another load',
    [{ 4: '  - arrivals: { kind: bursts, total: 30, size: 10, everyMs: 80, spreadMs: 20 }' }],
    ['load.arrivals.total'],
  ],
  ['another seed', [{}, 'seed: 9'], ['seed']],
  ['another deadline', [{ 2: 'deadlineMs: 500' }], ['deadlineMs']],
  ['another drain', [{}, 'drainMs: 9000'], ['drainMs']],
  ['other faults', [{}, 'faults:', fault('x', 1, 2)], ['faults']],
  [
    'other policies',
    [{ 6: '  direct: { path: rpc, policies: [{ retry: {} }, { timeout: { ms: 130 } }] }' }],
    ['variants.direct.policies.timeout.ms'],
  ],
  [
    'another dependency',
    [{}, 'downstream: { model: { kind: fixed, latencyMs: 7 } }'],
    expect.arrayContaining(['downstream.model.kind']),
  ],
])('evidence can not answer %s', (_, asked, fields) => {
  expect(between(...asked)).toEqual(fields);
});
