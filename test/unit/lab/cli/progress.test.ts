import { expect, test } from 'vitest';
import { lineTo, redraw } from '#lab/cli/live.ts';
import { progressTo } from '#lab/cli/progress.ts';
import type { Progress } from '#lab/conduct/plan.ts';

const ofA = { variant: 'a', names: ['a', 'bulk'], index: 0, loadMs: 8000, deadlineMs: 2000 };

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
    knee: 25,
    counts: { elapsedMs: 240, offered: 10, inFlight: 4, outcomes: { ok: 6 } },
  },
  { ...ofA, stage: 'drain', elapsedMs: 0, maxMs: 200_000, inFlight: 1934 },
  { ...ofA, stage: 'drain', elapsedMs: 9950, maxMs: 200_000, inFlight: 1900 },
  { ...ofA, stage: 'drain', elapsedMs: 10_050, maxMs: 200_000, inFlight: 1800 },
  {
    ...ofA,
    stage: 'complete',
    inFlight: 1936,
    knee: 25,
    counts: { elapsedMs: 900, offered: 2000, inFlight: 0, outcomes: { ok: 1180, late: 757 } },
  },
];

interface Written {
  readonly isTTY?: boolean;
  readonly rows?: number;
  readonly isVerbose?: boolean;
  readonly steps?: readonly Progress[];
}

/** Returns the texts that are written to a terminal or a pipe, without the codes that move the cursor. */
function written({ isTTY = false, rows = 24, isVerbose = false, steps: shown = steps }: Written = {}) {
  const all: string[] = [];
  const stream = { isTTY, columns: 80, rows, write: (text: string) => all.push(text) > 0 };
  const show = progressTo(stream as unknown as NodeJS.WriteStream, { isVerbose, isPredicted: true });
  for (const step of shown) show(step);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they move the cursor
  return all.map((text) => text.replaceAll(/\r|\x1b\[\d*[A-Z]/g, '')).filter((text) => text !== '');
}

const pace = 'slow motion × 8: at least 2 min 57 s, up to 3 min 20 s more to drain, then simulations\n';
const complete = '[1/2] a: peak 1,936 in flight, knee 25, 59 % in time\n';

test('progressTo a pipe writes a line for slow motion, one for each variant, and no other', () => {
  expect(written()).toEqual([pace, complete]);
});

test('progressTo marks a variant whose client failed', () => {
  const failed: Progress[] = [{ ...ofA, stage: 'failed' }];
  expect(written({ isTTY: true, steps: failed })).toContain('✗ a\n');
  expect(written({ steps: failed })).toEqual(['[1/2] a: failed, at least 10 s left, then simulations\n']);
});

test('progressTo a pipe in verbose writes a line for each stage, and one per 10 s of a long one', () => {
  expect(written({ isVerbose: true })).toEqual([
    'measuring what a request costs on this machine\n',
    pace,
    '[1/2] a: warm-up, at least 20 s left, then simulations\n',
    '[1/2] a: run 0.0 of ≤ 12 s, at least 20 s left, then simulations\n',
    '[1/2] a: drain 0.0 of ≤ 200 s, 1,934 in flight, at least 10 s left, then simulations\n',
    '[1/2] a: drain 10.1 of ≤ 200 s, 1,800 in flight, at least 10 s left, then simulations\n',
    complete,
  ]);
});

test('progressTo a terminal keeps a line for each variant, and changes those of the rest', () => {
  const texts = written({ isTTY: true });
  expect(texts).toContain(
    [
      '▸ a     ▂             4 in flight, knee 25            60 % in time',
      '· bulk',
      '[1/2] run 0.2 of ≤ 12 s, at least 20 s left, then simulations',
    ].join('\n'),
  );
  expect(texts.filter((text) => text.endsWith('\n'))).toEqual([
    pace,
    '✓ a     ▂             peak 1,936 in flight, knee 25   59 % in time\n',
  ]);
});

test('progressTo a low terminal changes one line', () => {
  expect(written({ isTTY: true, rows: 3 })).toContain(
    '[1/2] a: run 0.2 of ≤ 12 s, 4 in flight, knee 25, 60 % in time, at least 20 …',
  );
});

test('progressTo counts the variants of all rounds ahead, and names each round', () => {
  const round = { seed: 7, index: 1, of: 3 };
  expect(written({ isVerbose: true, steps: [{ ...steps[3]!, round } as Progress] })).toEqual([
    'Round 2 of 3, seed 7:\n',
    '[1/2] a: run 0.0 of ≤ 12 s, at least 40 s left, then simulations\n',
  ]);
});

const erased = '\u001b[2K';
const above = `\u001b[A${erased}`;

test.each([
  ['a terminal', true, 10, `\r${erased}${above.repeat(2)}Interrupted\n`],
  ['a terminal that became narrow', true, 4, `\r${erased}${above.repeat(3)}Interrupted\n`],
  ['a pipe', false, 10, 'Interrupted\n'],
])('lineTo replaces the changing lines of %s', (_, isTTY, columns, expected) => {
  let last = '';
  const write = (text: string) => {
    last = text.startsWith('\r') ? text : last + text;
    return true;
  };
  const stream = { isTTY, columns: 10, rows: 24, write };
  if (isTTY) redraw(stream as unknown as NodeJS.WriteStream, ['123456', '', '1']);
  stream.columns = columns;
  lineTo(stream as unknown as NodeJS.WriteStream)('Interrupted');
  expect(last).toBe(expected);
});
