import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { lineTo, progressTo } from '#lab/cli/progress.ts';
import type { Progress } from '#lab/runner/run.ts';

const ofA = { variant: 'a', index: 0, of: 2, loadMs: 8000, deadlineMs: 2000 };

/** Work left in a drain: fewer calls than attempts, since some callers have given up. */
const atWork = (attempts: number) => ({ calls: attempts - 9, attempts });

const steps: Progress[] = [
  { stage: 'pace' },
  { stage: 'pace', chosen: { factor: 8, leastMs: 177_000, drainMs: 200_000 } },
  { ...ofA, stage: 'warm-up' },
  { ...ofA, stage: 'run', elapsedMs: 0, maxMs: 12_000 },
  {
    ...ofA,
    stage: 'run',
    elapsedMs: 240,
    maxMs: 12_000,
    inFlight: 4,
    counts: { elapsedMs: 240, offered: 10, inFlight: 4, outcomes: { ok: 6 } },
  },
  { ...ofA, stage: 'drain', elapsedMs: 0, maxMs: 200_000, atWork: atWork(1934) },
  { ...ofA, stage: 'drain', elapsedMs: 9950, maxMs: 200_000, atWork: atWork(1900) },
  { ...ofA, stage: 'drain', elapsedMs: 10_050, maxMs: 200_000, atWork: atWork(1800) },
  { ...ofA, stage: 'drain', elapsedMs: 10_100, maxMs: 200_000, atWork: atWork(1799) },
  {
    ...ofA,
    stage: 'complete',
    counts: { elapsedMs: 900, offered: 2000, inFlight: 0, outcomes: { ok: 1180, late: 757 } },
  },
];

/** Creates a terminal, or a pipe, that records in `written` what is written to it. */
function output(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  return { written, stream: stream as unknown as NodeJS.WriteStream };
}

interface Shown {
  readonly columns?: number;
  readonly detail?: 'normal' | 'verbose';
  readonly steps?: readonly Progress[];
}

function written(isTTY: boolean, { columns = 40, detail = 'normal', steps: shown = steps }: Shown = {}) {
  const { written, stream } = output(isTTY, columns);
  const show = progressTo(stream, detail, new VirtualClock());
  for (const step of shown) show(step);
  return written;
}

test('progressTo a pipe writes a line for slow motion, one for each variant, and no other', () => {
  expect(written(false)).toEqual([
    'slow motion by factor 8: at least 2 min 57 s, and up to 3 min 20 s more to drain\n',
    '[1/2] a: goodput 59 %, 1,180 ok, 757 late of 2,000\n',
  ]);
});

test('progressTo a pipe in verbose writes a line for each stage, and one per 10 s of a long one', () => {
  expect(written(false, { detail: 'verbose' }).join('').split('\n')).toEqual([
    'measuring what a request costs on this machine',
    'slow motion by factor 8: at least 2 min 57 s, and up to 3 min 20 s more to drain',
    '[1/2] a: warm-up',
    '[1/2] a: run 0.0 of ≤ 12 s',
    '[1/2] a: drain 0.0 of ≤ 200 s, 1,934 attempts still at work',
    '[1/2] a: drain 10.1 of ≤ 200 s, 1,800 attempts still at work',
    '[1/2] a: goodput 59 %, 1,180 ok, 757 late of 2,000',
    '',
  ]);
});

test('progressTo shows the simulations on a terminal, and once in verbose on a pipe', () => {
  const steps = [0, 1, 2].map((done): Progress => ({ stage: 'prediction', done, of: 2 }));
  expect(written(true, { columns: 60, steps }).at(-1)).toBe('simulating for comparison: 2 of 2');
  expect(written(false, { detail: 'verbose', steps })).toEqual(['simulating for comparison: 0 of 2\n']);
  expect(written(false, { steps })).toEqual([]);
});

test('progressTo says which round of several it is', () => {
  const round = { seed: 8, index: 1, of: 10 };
  const started: Progress = { ...ofA, round, stage: 'run' };
  expect(written(false, { detail: 'verbose', steps: [started] })).toEqual([
    '[round 2/10, seed 8] [1/2] a: run\n',
  ]);
});

/** Lines that stay on a terminal. */
const lasting = (detail: 'normal' | 'verbose') =>
  written(true, { detail })
    .filter((text) => text.endsWith('\n'))
    .map((text) => text.trimEnd());

test('progressTo a terminal rewrites one line, and keeps those of slow motion and of each variant', () => {
  const text = written(true).join('');
  expect(text).toMatch(/^starting the testbed/);
  expect(text).toContain('\x1b[1G');
  expect(lasting('normal')).toEqual([
    'slow motion by factor 8: at least 2 min 57 s, and up to 3 min 20 s more to drain',
    '[1/2] a: goodput 59 %, 1,180 ok, 757 late of 2,000',
  ]);
});

test('progressTo a terminal in verbose keeps a line for each stage above the changing one', () => {
  expect(lasting('verbose')).toEqual([
    'measuring what a request costs on this machine',
    'slow motion by factor 8: at least 2 min 57 s, and up to 3 min 20 s more to drain',
    '[1/2] a: warm-up',
    '[1/2] a: run 0.0 of ≤ 12 s',
    '[1/2] a: drain 0.0 of ≤ 200 s, 1,934 attempts still at work',
    '[1/2] a: goodput 59 %, 1,180 ok, 757 late of 2,000',
  ]);
  expect(written(true, { detail: 'verbose', steps: [draining] }).slice(-2)).toEqual([
    '[5/9] rpc-retries-bulkhead-40: drain 12.3 of ≤ 200 s, 1,934 attempts still at work\n',
    '[5/9] rp…: drain, at least 50 s left…',
  ]);
});

const fifth = {
  variant: 'rpc-retries-bulkhead-40',
  index: 4,
  of: 9,
  loadMs: 8000,
  deadlineMs: 2000,
  elapsedMs: 12_300,
  maxMs: 200_000,
};
const draining: Progress = { ...fifth, stage: 'drain', atWork: atWork(1934) };
const called: Progress = { ...draining, atWork: { calls: 1, attempts: 0 } };
const running: Progress = {
  ...fifth,
  stage: 'run',
  inFlight: 1934,
  counts: { elapsedMs: 12_300, offered: 2000, inFlight: 1934, outcomes: { ok: 33, late: 33, pending: 9 } },
};

test.each([
  [120, draining, '[5/9] rpc-retries-bulkhead-40: drain, at least 50 s left, 1,934 attempts still at work'],
  [120, called, '[5/9] rpc-retries-bulkhead-40: drain, at least 50 s left, 1 call still at work'],
  [120, running, '[5/9] rpc-retries-bulkhead-40: run, goodput 1.7 %, at least 40 s left, 1,934 in flight'],
  [63, draining, '[5/9] rpc-retries-bulkhead-40: drain, at least 50 s left, 1…'],
  [50, running, '[5/9]…: run, goodput 1.7 %, at least 40 s left…'],
])(
  'progressTo a terminal of %i columns keeps variant, stage, goodput, time left and room for ^C',
  (columns, progress, line) => {
    expect(written(true, { columns, steps: [progress] }).at(-1)).toBe(line);
  },
);

test('progressTo a terminal in verbose has all counts', () => {
  const lines = written(true, { columns: 200, detail: 'verbose', steps: [running] });
  expect(lines.at(-1)).toMatch(/ in flight, 2,000 offered, 33 ok, 33 late, 9 pending$/);
});

test('progressTo a terminal keeps the goodput of a variant while it drains, and not that of the one before', () => {
  const lines = written(true, { columns: 200, steps: [running, draining, { ...draining, index: 5 }] });
  expect(lines.filter((line) => line.startsWith('[')).map((line) => line.includes('goodput 1.7 %'))).toEqual([
    true,
    true,
    false,
  ]);
});

test.each([
  [true, '\u001b[2K\u001b[1GInterrupted\n'],
  [false, 'Interrupted\n'],
])('lineTo replaces the changing line, on a terminal: %s', (isTTY, expected) => {
  const { written, stream } = output(isTTY);
  lineTo(stream)('Interrupted');
  expect(written.join('')).toBe(expected);
});
