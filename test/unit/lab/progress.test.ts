import { expect, test } from 'vitest';
import { lineTo, progressTo } from '#lab/progress.ts';
import type { Progress } from '#lab/run/run.ts';

const steps: Progress[] = [
  {
    stage: 'capacity',
    probe: {
      rate: 364.25,
      keptUp: false,
      missed: { timeout: 0.19, failed: 0, unsent: 0 },
    },
  },
  { variant: 'a', index: 0, of: 2, stage: 'warm-up' },
  { variant: 'a', index: 0, of: 2, stage: 'run' },
  {
    variant: 'a',
    index: 0,
    of: 2,
    stage: 'run',
    counts: { elapsedMs: 240, offered: 10, inFlight: 4, outcomes: { ok: 6 } },
  },
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

test('progressTo a pipe writes a line for each stage and none for counts', () => {
  expect(written(false).split('\n')).toEqual([
    'capacity: 364/s is too much, 19 % ran into the timeout',
    '[1/2] a: warm-up',
    '[1/2] a: run',
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

test('progressTo a terminal rewrites one line, cut to its width, and ends it when a variant or a probe is done', () => {
  const text = written(true);
  expect(text.match(/\n/g)).toHaveLength(2);
  expect(text).toContain('\x1b[1G');
  const cut = '[1/2] a: 0.2 s, 10 offered, 6 ok, 4 un…';
  expect(cut).toHaveLength(39);
  expect(text).toContain(`\x1b[1G${cut}\x1b`);
});

test.each([
  [true, '\u001b[2K\u001b[1GInterrupted\n'],
  [false, 'Interrupted\n'],
])('lineTo takes the place of the line that changes, on a terminal: %s', (isTTY, expected) => {
  let said = '';
  const write = (text: string) => {
    said += text;
    return true;
  };
  lineTo({ isTTY, columns: 80, write } as unknown as NodeJS.WriteStream)('Interrupted');
  expect(said).toBe(expected);
});
