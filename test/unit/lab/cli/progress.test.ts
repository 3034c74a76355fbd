import { expect, test } from 'vitest';
import { lineTo, progressTo } from '#lab/cli/progress.ts';
import type { Progress } from '#lab/conduct/plan.ts';

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
  {
    ...ofA,
    stage: 'complete',
    counts: { elapsedMs: 900, offered: 2000, inFlight: 0, outcomes: { ok: 1180, late: 757 } },
  },
];

interface Shown {
  readonly columns?: number;
  readonly detail?: 'normal' | 'verbose';
  readonly steps?: readonly Progress[];
}

/** Returns what is written to a terminal or a pipe. */
function written(isTTY: boolean, { columns = 80, detail = 'normal', steps: shown = steps }: Shown = {}) {
  const all: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => all.push(text) > 0 };
  const show = progressTo(stream as unknown as NodeJS.WriteStream, detail);
  for (const step of shown) show(step);
  return all;
}

const pace = 'slow motion by factor 8: at least 2 min 57 s, and up to 3 min 20 s more to drain\n';
const complete = '[1/2] a: goodput 59 %, 1,180 ok, 757 late of 2,000\n';

test('progressTo a pipe writes a line for slow motion, one for each variant, and no other', () => {
  expect(written(false)).toEqual([pace, complete]);
});

test('progressTo a pipe in verbose writes a line for each stage, and one per 10 s of a long one', () => {
  expect(written(false, { detail: 'verbose' })).toEqual([
    'measuring what a request costs on this machine\n',
    pace,
    '[1/2] a: warm-up, at least 20 s left\n',
    '[1/2] a: run 0.0 of ≤ 12 s, at least 20 s left\n',
    '[1/2] a: drain 0.0 of ≤ 200 s, at least 10 s left, 1,934 attempts still at work\n',
    '[1/2] a: drain 10.1 of ≤ 200 s, at least 10 s left, 1,800 attempts still at work\n',
    complete,
  ]);
});

test('progressTo a terminal keeps the lines that a pipe gets, and changes the others', () => {
  const lines = written(true).filter((text) => !text.startsWith('\u001b'));
  expect(lines.filter((line) => line.endsWith('\n'))).toEqual([pace, complete]);
  expect(lines).toContain('[1/2] a: run 0.2 of ≤ 12 s, goodput 60 %, at least 20 s left, 4 in flight');
});

test('progressTo counts the variants of all rounds ahead', () => {
  const round = { seed: 7, index: 1, of: 3 };
  const [line] = written(false, { detail: 'verbose', steps: [{ ...steps[3]!, round } as Progress] });
  expect(line).toBe('[round 2/3, seed 7] [1/2] a: run 0.0 of ≤ 12 s, at least 40 s left\n');
});

test.each([
  [true, '\u001b[2K\u001b[1GInterrupted\n'],
  [false, 'Interrupted\n'],
])('lineTo replaces the changing line, on a terminal: %s', (isTTY, expected) => {
  const all: string[] = [];
  const stream = { isTTY, columns: 80, write: (text: string) => all.push(text) > 0 };
  lineTo(stream as unknown as NodeJS.WriteStream)('Interrupted');
  expect(all.join('')).toBe(expected);
});
