import { expect, test } from 'vitest';
import { beyondLaw, lawProblems } from '#lab/experiment/law.ts';
import { parseExperiment } from '#lab/experiment/read.ts';

const read = (law: string) =>
  parseExperiment(
    `title: Laws
deadlineMs: 1000
load: [{ arrivals: { kind: poisson, ratePerSecond: 90, forMs: 1000 } }]
variants:
  three-tries: { path: rpc, policies: [{ retry: { maxRetries: 2 } }], law: '${law}' }
  other: { path: rpc }
`,
    'laws.yaml',
  );

test.each([
  ['load.arrivals.ratePerSecond > 45', 2],
  ['load[0].arrivals.ratePerSecond < 45', 0.5], // metastable below
  ['2 + 3 * 4 > 7', 2],
  ['( 2 + 3 ) * 4 > 10', 2],
  ['8 - 4 - 2 > 1', 2],
  ['(variants.three-tries.policies.retry.maxRetries + 1) * 90 > 270', 1],
  ['deadlineMs / 10 / 5 > 10', 2],
  ['1 > 0', null],
])('beyondLaw of %s is %o', (law, ratio) => {
  expect(beyondLaw(read(law), 'three-tries')).toBe(ratio);
});

test('beyondLaw is null without a law', () => {
  expect(beyondLaw(read('1 > 2'), 'other')).toBeNull();
  expect(lawProblems(read('1 > 2'))).toEqual([]);
});

test('beyondLaw is null if the law names a variant that was left out', () => {
  const experiment = read('variants.three-tries.policies.retry.maxRetries > 1');
  const { 'three-tries': own, other } = experiment.variants;
  expect(beyondLaw({ ...experiment, variants: { own: own!, other: other! } }, 'own')).toBeNull();
});

test.each([
  ['1 + 2', 'expected two formulas with > or < between them, got 1 + 2'],
  ['1 > 2 > 3', 'expected two formulas with > or < between them, got 1 > 2 > 3'],
  ['1 + > 2', 'expected a number or a path, got nothing'],
  ['( 1 > 2', 'expected ) after a formula in brackets'],
  ['1 2 > 3', 'expected an operator + - * / before 2'],
  ['1 > variants.three.x', 'variants.three.x: no field three, did you mean three-tries?'],
  ['1 > title', 'title: expected the path of a number'],
])('an experiment with the law %s is refused at its position', (law, problem) => {
  expect(() => read(law)).toThrow(`laws.yaml:5:76: variants.three-tries.law: ${problem}`);
});
