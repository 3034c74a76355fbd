import { expect, test } from 'vitest';
import { begunIn, windowsOf } from '#lab/judge/figures/windows.ts';
import { parsed } from '#test/fixtures/experiment.ts';

const experimentOf = (load: string, ...hypothesis: string[]) =>
  parsed(`
deadlineMs: 100
load: [${load}]
variants: { a: { path: rpc } }
faults: [{ name: crash, atMs: 100, forMs: 300, target: gateway, fault: { kind: kill } }]
hypothesis: ${JSON.stringify(hypothesis)}
`);
const phase = '{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 500 } }';
const named = '{ name: late, arrivals: { kind: constant, ratePerSecond: 100, forMs: 250 } }';
const crash = (took: { fromMs: number; untilMs: number } | null) => [
  {
    name: 'crash',
    target: 'gateway',
    state: 'killed',
    onPath: true,
    asked: { fromMs: 100, untilMs: 400 },
    took,
  },
];

test('windowsOf divides the load at the times when a fault really began and ended', () => {
  expect(windowsOf(experimentOf(phase), crash({ fromMs: 110, untilMs: 450 }))).toEqual([
    { name: 'before crash', span: { fromMs: 0, untilMs: 110 } },
    { name: 'during crash', span: { fromMs: 110, untilMs: 450 } },
    { name: 'after crash', span: { fromMs: 450, untilMs: 500 }, took: { fromMs: 110, untilMs: 450 } },
  ]);
});

test('windowsOf has no span for a fault that never became active', () => {
  const spans = windowsOf(experimentOf(phase), crash(null)).map(({ span }) => span);
  expect(spans).toEqual([null, null, null]);
});

test('windowsOf adds phases where there are several, and what hypotheses name, each once', () => {
  const experiment = experimentOf(
    `${phase}, ${named}`,
    'goodput(a, phase late) > goodput(a, 1s, 0..250ms)',
    'p99(a, after crash) < 1s',
  );
  expect(windowsOf(experiment, crash(null)).slice(3)).toEqual([
    { name: 'phase 1', span: { fromMs: 0, untilMs: 500 } },
    { name: 'phase late', span: { fromMs: 500, untilMs: 750 } },
    { name: '0..250ms', span: { fromMs: 0, untilMs: 250 } },
  ]);
});

test('windowsOf has the part after a phase if a hypothesis names it, and the span of the phase', () => {
  const windows = windowsOf(experimentOf(`${phase}, ${named}`, 'goodput(a, after phase 1) > 0'), []);
  expect(windows.at(-1)).toEqual({
    name: 'after phase 1',
    span: { fromMs: 500, untilMs: 750 },
    took: { fromMs: 0, untilMs: 500 },
  });
});

test('windowsOf has the part of the steady state', () => {
  const steady = { ...experimentOf(phase), deadlineMs: 40, steadyState: ['goodput > 0.9'] };
  expect(windowsOf(steady, crash(null)).at(-1)).toEqual({
    name: '0..60ms',
    span: { fromMs: 0, untilMs: 60 },
  });
});

test('windowsOf has one for each class', () => {
  const experiment = { ...experimentOf(phase), classes: { slow: 0.5 } };
  expect(windowsOf(experiment, crash({ fromMs: 110, untilMs: 450 })).slice(3)).toEqual([
    { name: 'class slow', span: { fromMs: 0, untilMs: 500 }, class: 'slow' },
  ]);
});

test.each<[string, hypothesis: string[], beganMs: number | undefined, number]>([
  ['the first fault', [], 510, 510],
  ['the first fault, regardless of terms after an earlier phase', ['ok(a, after phase 1) > 0'], 510, 510],
  ['the first phase to recover from, if earlier', ['timeToRecover(a, after phase late) < 1s'], 800, 500],
  ['nothing', ['goodput(a, after phase 1) > 0'], undefined, Infinity],
])('begunIn is when %s began', (_what, hypothesis, beganMs, begunMs) => {
  const took = beganMs === undefined ? null : { fromMs: beganMs, untilMs: 900 };
  expect(begunIn(experimentOf(`${phase}, ${named}, ${phase}`, ...hypothesis), crash(took))).toBe(begunMs);
});

test('begunIn passes over a fault that is off the path of the variant', () => {
  const off = { ...crash({ fromMs: 510, untilMs: 900 })[0]!, onPath: false };
  const on = { ...off, name: 'later', onPath: true, took: { fromMs: 700, untilMs: 900 } };
  expect(begunIn(experimentOf(phase), [off, on])).toBe(700);
});
