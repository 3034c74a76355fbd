import { expect, test } from 'vitest';
import { prediction } from '#lab/report/conclusion/prediction.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

const note = "Differences don't affect the verdict: see Predictions.";

test('prediction counts the variants that agree', () => {
  expect(said(prediction, pick(makeResult(), 'rpc-retries', 'events-8'))).toEqual([
    'note: 2 of 2 variants agree with the forecast, in counts or in goodput',
    note,
  ]);
});

test('prediction names the variants that differ, in one line without reasons', () => {
  const result = pick(makeResult(), 'rpc-retries', 'events-8');
  const predictions = result.variants[1]!.predictions.map((each) => ({
    ...each,
    ok: false,
    why: 'It was slow.',
  }));
  expect(said(prediction, alter(result, 'events-8', { predictions }))).toEqual([
    'note: 1 of 2 variants agrees with the forecast, in counts or in goodput',
    `events-8 differs. ${note}`,
  ]);
});

test('prediction says nothing without a forecast', () => {
  expect(said(prediction, alter(pick(makeResult(), 'events-8'), 'events-8', { predictions: [] }))).toEqual(
    [],
  );
});
