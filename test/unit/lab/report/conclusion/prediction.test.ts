import { expect, test } from 'vitest';
import { prediction } from '#lab/report/conclusion/prediction.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

test('prediction counts the variants that agree and says what does not, and why', () => {
  expect(said(prediction, pick(makeResult(), 'rpc-retries', 'events-8'))).toEqual([
    'note: 2 of 2 variants agree with what was predicted, in counts or in goodput',
    'rpc-retries agrees in goodput within 2 s, but not in all counts: see Predictions.',
  ]);
});

test('prediction names a few of many figures that differ, and why once', () => {
  const result = pick(makeResult(), 'events-8');
  const predictions = result.variants[0]!.predictions.map((each) => ({
    ...each,
    ok: false,
    why: 'It was slow.',
  }));
  expect(said(prediction, alter(result, 'events-8', { predictions }))).toEqual([
    'note: 0 of 1 variant agree with what was predicted, in counts or in goodput',
    'events-8 differs in completed, rejected, retries and 5 more: It was slow.',
  ]);
});

test('prediction says by how much the goodput is off of a variant that agrees in its counts', () => {
  const result = pick(makeResult(), 'events-8');
  const predictions = result.variants[0]!.predictions.map((each) =>
    each.metric === 'goodput2000Ms' ? { ...each, predicted: 1, measured: 0.59, ok: false } : each,
  );
  expect(said(prediction, alter(result, 'events-8', { predictions }))).toEqual([
    'note: 1 of 1 variant agrees with what was predicted, in counts or in goodput',
    'events-8 agrees in its counts, but not in its goodput: 59 % within 2 s where 100 % was predicted.',
  ]);
});

test('prediction is content when all agree', () => {
  expect(said(prediction, pick(makeResult(), 'events-8'))).toEqual([
    'good: Prediction and measurement agree',
    'All 8 predicted figures were met within their tolerance.',
  ]);
});

test('prediction speaks of one in the singular', () => {
  const result = pick(makeResult(), 'events-8');
  const [one] = result.variants[0]!.predictions;
  expect(said(prediction, alter(result, 'events-8', { predictions: [one!] }))[1]).toBe(
    'The predicted figure was met within its tolerance.',
  );
  const off = { ...one!, metric: 'p99Ms', ok: false, why: 'It was slow.' };
  expect(said(prediction, alter(result, 'events-8', { predictions: [one!, off] }))[0]).toBe(
    'note: 1 of 1 variant agrees with what was predicted, in counts or in goodput',
  );
});

test('prediction says nothing where nothing was predicted', () => {
  expect(said(prediction, alter(pick(makeResult(), 'events-8'), 'events-8', { predictions: [] }))).toEqual(
    [],
  );
});
