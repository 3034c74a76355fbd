import { expect, test } from 'vitest';
import { oneLiners } from '#lab/experiment/one-line.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { experimentText, fault, refusal } from '#test/fixtures/experiment.ts';

test('oneLiners collapses white space with a line break in every text of one line', () => {
  const text = experimentText(
    {
      1: 'title: "Two\\n  lines"',
      7: '  queued: { path: event, description: "a\\tb\\u0085c" }',
      8: 'hypothesis:\n  - >\n    goodput(queued) >=\n      goodput(direct)\n  - "goodput(queued)  > 0"',
    },
    'steadyState: ["goodput >\\n 95%"]',
    'faults:',
    fault('crash', 9000, 10),
    'description: "a\\nb"',
  );
  const { title, hypothesis, steadyState, variants, description } = parseExperiment(text, 'x.yaml');
  expect({ title, hypothesis, steadyState, description }).toEqual({
    title: 'Two lines',
    hypothesis: ['goodput(queued) >= goodput(direct)', 'goodput(queued)  > 0'],
    steadyState: ['goodput > 95%'],
    description: 'a\nb',
  });
  expect(variants.queued?.description).toBe('a b c');
});

test('a title of white space is refused at its place', () => {
  const { actual, expected } = refusal(experimentText({ 1: 'title: ¦"\\n "' }), [
    'title: expected a text that is not empty, got ""',
  ]);
  expect(actual).toEqual(expected);
});

test('oneLiners leaves alone what has another type', () => {
  const value = { title: 1, hypothesis: 'a\nb', steadyState: [2, null], variants: [{}] };
  expect(oneLiners(value)).toEqual(value);
});
