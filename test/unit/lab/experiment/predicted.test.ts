import { expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { runMetricNames } from '#lab/experiment/hypothesis/metrics.ts';
import { type Figure, metricOfFigure, Predicted, predictedTerms } from '#lab/experiment/predicted.ts';

const parse = parser(Predicted);

test('Predicted takes every metric of a run, times with their unit, and goodput by deadline', () => {
  const names = runMetricNames.map((name) => (/^(p\d+|mean)$/.test(name) ? `${name}Ms` : name));
  const values = Object.fromEntries(names.map((name) => [name, name === 'goodput' ? { '1s': 0.5 } : 1]));
  expect(parse(values)).toEqual(values);
});

test('Predicted takes a range where a figure depends on chance', () => {
  const values = { rejected: [950, 1650], goodput: { '1s': [0.1, 0.4] } };
  expect(parse(values)).toEqual(values);
});

test('Predicted takes terms of hypotheses, which predictedTerms lists for any variant', () => {
  const values = { ok: 1, 'timeToDrain(after outage)': '8s', 'goodput(1s, class slow)': 0.5 };
  expect(parse(values)).toEqual(values);
  expect(predictedTerms(values).map((term) => [term.written, term.value, term.of('tight')])).toEqual([
    ['timeToDrain(after outage)', '8s', 'timeToDrain(tight, after outage) == 8s'],
    ['goodput(1s, class slow)', '0.5', 'goodput(tight, 1s, class slow) == 0.5'],
  ]);
});

test.each([
  { p99: 1 },
  { okay: 1 },
  { ok: -1 },
  { ok: '1' },
  { ok: [1] },
  { ok: [1, 2, 3] },
  { ok: [-1, 2] },
  { goodput: { '1s': [0.1, 1.1] } },
  { goodput: 0.5 },
  { goodput: { '1s': 1.1 } },
  { 'ok(during x)': -1 },
  { 'ok()': 1 },
  { 'ok(during x': 1 },
])('Predicted refuses %o', (value) => expect(() => parse(value)).toThrow());

test('metricOfFigure knows each by its name in hypotheses', () => {
  const figures: Figure[] = ['ok', 'p50Ms', 'p999Ms', 'attemptTimeouts'];
  expect(figures.map(metricOfFigure)).toEqual(['ok', 'p50', 'p999', 'attemptTimeouts']);
});
