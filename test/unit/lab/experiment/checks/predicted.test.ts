import { expect, test } from 'vitest';
import { Predicted } from '#lab/experiment/predicted.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { expectRefusal, experimentText } from '#test/fixtures/experiment.ts';

const crash = 'faults: [{ name: crash, atMs: 0, forMs: 100, target: gateway, fault: { kind: kill } }]';
const beforeExpected = (metric: string) =>
  `expected every fault, and every phase to recover from, to begin later than deadlineMs, since ${metric} is relative to the goodput before`;
const fields = Object.keys(JSON.parse(JSON.stringify(Predicted)).properties).join(', ');
const read = (text: string) => parseExperiment(text, 'x.yaml');
const predicting = (...lines: string[]) =>
  experimentText({ 7: `  queued: { path: event, predicted: {\n    ${lines.join(',\n    ')} } }` }, crash);

test('predicted terms are refused like hypotheses, each at its position', () => {
  const marked = predicting(
    'p99(after ¦brownout): 1s',
    'p99(after crash): ¦5',
    '¦goodputt(after crash): 1',
    'goodput(¦20s): 0.5',
    'ok(during crash): ¦lots',
    'goodput(before crash): 90%',
    'ok(class ¦slow): 5',
    'retries(¦after crash): 5',
    '¦ok(before crash: 9',
  );
  expectRefusal(
    marked,
    [
      '"p99(after brownout)": unknown fault brownout, expected one of crash',
      '"p99(after crash)": expected a number with ms or s beside p99 (a time), got 5',
      '"goodputt(after crash)": unknown metric goodputt, did you mean goodput?',
      '"goodput(20s)": expected a deadline <= drainMs (10000), got "20s"',
      '"ok(during crash)": expected a number, perhaps with ms, s or %, got "lots"',
      '"ok(class slow)": unknown class slow, the experiment has no classes',
      '"retries(after crash)": expected ) since retries is only known of the whole run',
      `"ok(before crash": unknown field, expected one of ${fields}`,
    ].map((each) => `variants.queued.predicted.${each}`),
  );
});

test('what is predicted of a part is relative to the goodput before as in hypotheses', () => {
  expectRefusal(predicting('lostGoodput(after ¦crash): 5'), [
    `variants.queued.predicted."lostGoodput(after crash)": ${beforeExpected('lostGoodput')}`,
  ]);
});

test('what is predicted is relative to what was before every phase that a prediction looks behind', () => {
  const marked = experimentText(
    {
      4: '  - { name: calm, arrivals: &a { kind: constant, ratePerSecond: 10, forMs: 2000 } }\n  - { name: spike, arrivals: *a }\n  - { arrivals: *a }',
      7: '  queued: { path: event, predicted: { ok(after phase calm): 1, metastable(after phase ¦spike): 0 } }',
    },
    crash.replace('atMs: 0', 'atMs: 2500'),
  );
  expect(() => read(marked.replace('¦', ''))).not.toThrow();
  expectRefusal(marked.replace('ok(', 'timeToRecover(').replace('): 1,', '): 1s,'), [
    `variants.queued.predicted."metastable(after phase spike)": ${beforeExpected('metastable')}`,
  ]);
});

test('a tolerance of its own is for a figure that is predicted', () => {
  const marked = predicting('ok: 1', 'within: { ok: 0.1, ¦late: 0.1 }');
  expectRefusal(marked, [
    'variants.queued.predicted.within.late: expected the name of a figure beside it, other than goodput',
  ]);
});

test('a predicted range begins with its lower end', () => {
  const marked = predicting('ok: [2, 2]', 'late: ¦[9, 1]', 'goodput: { 1s: ¦[0.9, 0.1] }');
  expectRefusal(marked, [
    'variants.queued.predicted.late: expected [low, high], got [9, 1]',
    'variants.queued.predicted.goodput.1s: expected [low, high], got [0.9, 0.1]',
  ]);
});
