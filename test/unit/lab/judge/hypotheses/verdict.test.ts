import { expect, test } from 'vitest';
import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { judgedBy, verdict } from '#lab/judge/hypotheses/verdict.ts';
import type { ValidityCheck } from '#lab/judge/result/result.ts';

const hypothesis = (ok: boolean | null): HypothesisResult => ({ text: 'h', ok, left: 1, right: 1 });
const check = (ok: boolean): ValidityCheck => ({
  name: 'c',
  variant: 'v',
  ok,
  measured: 1,
  limit: 1,
  unit: 'ms',
  finding: 'f',
  meaning: 'm',
  remedy: 'r',
});
const error = { name: 'consumer-died', message: 'it died' };

test.each([
  ['held', 0, {}],
  ['measured', 0, { hypotheses: [] }],
  ['failed', 99, { hypotheses: [hypothesis(true), hypothesis(false)] }],
  ['failed', 99, { hypotheses: [hypothesis(null), hypothesis(false)] }],
  ['invalid', 90, { hypotheses: [hypothesis(true), hypothesis(null)] }],
  ['failed', 99, { hypotheses: [hypothesis(false)], validity: [check(true), check(false)] }],
  ['held', 0, { validity: [check(false)] }],
  ['invalid', 90, { hypotheses: [], validity: [check(true), check(false)] }],
  ['error', 1, { validity: [check(false)], errors: [error] }],
  ['error', 1, { errors: [error], hypotheses: [hypothesis(false)] }],
  ['interrupted', 105, { errors: [error], interrupted: true }],
] as const)('verdict is %s with exit code %d, the gravest reason first', (status, exitCode, evidence) => {
  const all = { interrupted: false, errors: [], validity: [check(true)], hypotheses: [hypothesis(true)] };
  expect(verdict({ ...all, ...evidence })).toEqual({ status, exitCode });
});

test.each([
  ['its variant', {}, [null, true, null]],
  ['the hypotheses that it lists', { hypotheses: ['ok(w) > 1'] }, [true, null, true]],
  ['the whole run', { wholeRun: true }, [null, null, null]],
])('judgedBy a failed check of %s leaves only those hypotheses open', (_, more, verdicts) => {
  const texts = ['ok(v) > 1', 'ok(w) > 1', 'ok(w) > ok(v)'];
  const all = texts.map((text) => ({ ...hypothesis(true), text }));
  const judged = judgedBy([{ ...check(false), ...more }], all);
  expect(judged.map(({ ok }) => ok)).toEqual(verdicts);
  const open = judged.filter(({ ok }) => ok === null);
  expect(new Set(open.map(({ reason }) => reason))).toEqual(new Set(['failed check: c in v']));
  expect(judgedBy([{ ...check(true), ...more }], all)).toEqual(all);
});
