import { expect, test } from 'vitest';
import { describeProbe, lineTo, progressTo } from '#lab/cli/progress.ts';
import type { Progress } from '#lab/runner/run.ts';
import { plain } from '#lab/text/format.ts';

const steps: Progress[] = [
  {
    stage: 'capacity',
    probe: {
      rate: 364.25,
      keptUp: false,
      missed: { timeout: 0.19, failed: 0, unsent: 0 },
    },
  },
  { stage: 'pace' },
  { stage: 'pace', chosen: { factor: 8, leastMs: 177_000, drainMs: 200_000 } },
  { variant: 'a', index: 0, of: 2, stage: 'warm-up' },
  { variant: 'a', index: 0, of: 2, stage: 'run', elapsedMs: 0, maxMs: 12_000 },
  {
    variant: 'a',
    index: 0,
    of: 2,
    stage: 'run',
    elapsedMs: 240,
    maxMs: 12_000,
    inFlight: 4,
    counts: { elapsedMs: 240, offered: 10, inFlight: 4, outcomes: { ok: 6 } },
  },
  { variant: 'a', index: 0, of: 2, stage: 'drain', elapsedMs: 0, maxMs: 200_000, inFlight: 1934 },
  { variant: 'a', index: 0, of: 2, stage: 'drain', elapsedMs: 9950, maxMs: 200_000, inFlight: 1900 },
  { variant: 'a', index: 0, of: 2, stage: 'drain', elapsedMs: 10_050, maxMs: 200_000, inFlight: 1800 },
  { variant: 'a', index: 0, of: 2, stage: 'drain', elapsedMs: 10_100, maxMs: 200_000, inFlight: 1799 },
  {
    variant: 'a',
    index: 0,
    of: 2,
    stage: 'done',
    counts: { elapsedMs: 900, offered: 2000, inFlight: 0, outcomes: { ok: 1180, late: 757 } },
  },
];

function written(isTTY: boolean): string {
  let text = '';
  const write = (chunk: string) => {
    text += chunk;
    return true;
  };
  const output = { isTTY, columns: 40, write };
  const show = progressTo(output as unknown as NodeJS.WriteStream);
  for (const step of steps) show(step);
  return text;
}

test('progressTo a pipe writes a line for each stage, and one per 10 s of a long one', () => {
  expect(written(false).split('\n')).toEqual([
    'capacity: 364/s is too much, 19 % timed out',
    'measuring what a request costs on this machine',
    'slow motion by factor 8: at least 2 min 57 s, and up to 3 min 20 s per variant to drain',
    '[1/2] a: warm-up',
    '[1/2] a: run 0.0 of ≤ 12 s',
    '[1/2] a: drain 0.0 of ≤ 200 s, 1,934 in flight',
    '[1/2] a: drain 10.1 of ≤ 200 s, 1,800 in flight',
    '[1/2] a: goodput 59 %, 1,180 ok, 757 late of 2,000',
    '',
  ]);
});

test('progressTo says which round of several it is', () => {
  const said: string[] = [];
  const output = { isTTY: false, columns: 80, write: (text: string) => said.push(text) > 0 };
  progressTo(output as unknown as NodeJS.WriteStream)({
    variant: 'a',
    index: 0,
    of: 2,
    round: { seed: 8, index: 1, of: 10 },
    stage: 'run',
  });
  expect(said).toEqual(['[round 2/10, seed 8] [1/2] a: run\n']);
});

test('progressTo a terminal rewrites one line, and ends it when a variant, a probe or the measured pace is done', () => {
  const text = written(true);
  expect(text.match(/\n/g)).toHaveLength(3);
  expect(text).toContain('\x1b[1G');
});

const draining: Progress = {
  variant: 'rpc-retries-bulkhead-40',
  index: 4,
  of: 9,
  stage: 'drain',
  elapsedMs: 12_300,
  maxMs: 200_000,
  inFlight: 1934,
};
const running: Progress = {
  ...draining,
  stage: 'run',
  counts: { elapsedMs: 12_300, offered: 2000, inFlight: 1934, outcomes: { ok: 66 } },
};

test.each([
  [120, draining, '[5/9] rpc-retries-bulkhead-40: drain 12.3 of ≤ 200 s, 1,934 in flight'],
  [120, running, '[5/9] rpc-retries-bulkhead-40: run 12.3 of ≤ 200 s, 1,934 in flight, 2,000 offered, 66 ok'],
  [60, draining, '[5/9] rpc-retrie…: drain 12.3 of ≤ 200 s, 1,934 in flight'],
  [60, running, '[5/9] rpc-retries…: run 12.3 of ≤ 200 s, 1,934 in flight…'],
])('progressTo a terminal of %i columns keeps stage, time, in flight and ^C', (columns, progress, line) => {
  expect(shownAt(columns, progress)).toBe(line);
});

function shownAt(columns: number, progress: Progress): string {
  let last = '';
  const write = (text: string) => {
    last = text;
    return true;
  };
  progressTo({ isTTY: true, columns, write } as unknown as NodeJS.WriteStream)(progress);
  return last;
}

test.each([
  [true, '\u001b[2K\u001b[1GInterrupted\n'],
  [false, 'Interrupted\n'],
])('lineTo replaces the changing line, on a terminal: %s', (isTTY, expected) => {
  let said = '';
  const write = (text: string) => {
    said += text;
    return true;
  };
  lineTo({ isTTY, columns: 80, write } as unknown as NodeJS.WriteStream)('Interrupted');
  expect(said).toBe(expected);
});

test.each([
  [true, '364/s is sustained, 2 % timed out'],
  [false, '364/s is too much, 2 % timed out'],
])('describeProbe says whether the dependency kept up: %s', (keptUp, expected) => {
  const missed = { timeout: 0.02, failed: 0, unsent: 0 };
  expect(plain(describeProbe({ rate: 364.25, keptUp, missed }))).toBe(expected);
  expect(
    plain(describeProbe({ rate: 364.25, keptUp, missed: { ...missed, failed: 0.3, unsent: 0.1 } })),
  ).toBe(`${expected}, 30 % failed because of the load, 10 % found no free connection`);
});
