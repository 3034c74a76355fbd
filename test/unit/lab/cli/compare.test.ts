import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { pick } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';
import { testFolder } from '#test/support/folder.ts';
import { spillwayHere } from '#test/support/spillway-here.ts';

function write(name: string, result: Result): string {
  const folder = join(testFolder(), name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  return folder;
}
const repeated = (...goodputs: number[]): Result =>
  overRounds(
    goodputs.map((plain, i) => makeRound(7 + i, { plain })),
    { command: '', durationMs: 0 },
  );

const five = repeated(0.9, 0.8, 0.85, 0.9, 0.8);

/** Compares the results in two folders, by default with the default margin. */
const compare = (before: string, after: string, margin?: string) =>
  spillwayHere(['compare', before, after, ...(margin === undefined ? [] : ['--margin', margin])]);

test('compare --margin ends with 99 when a figure is worse by more, with 0 otherwise', async () => {
  const before = write('before', five);
  const after = write('after', repeated(0.8, 0.69, 0.75, 0.8, 0.69));
  expect(await compare(before, after, '5%')).toMatchObject({
    code: 99,
    stdout: expect.stringMatching(
      /goodput .* worse\n.*✗ Significantly worse by more than 5 %: goodput\(plain\)/s,
    ),
  });
  expect(await compare(after, before, '5%')).toMatchObject({ code: 0 });
  expect(await compare(before, after)).toMatchObject({ code: 0 });
});

test('compare --margin judges no variant that was disturbed in either run, and then ends with 90', async () => {
  const before = write('before', five);
  const worse = repeated(0.1, 0.1, 0.1, 0.1, 0.1);
  const [check] = worse.validity;
  const off = write('off', { ...worse, validity: [{ ...check!, ok: false }] });
  const other = write('other', { ...worse, validity: [{ ...check!, ok: false, variant: 'guarded' }] });
  for (const pair of [[before, off] as const, [off, before] as const])
    expect(await compare(...pair, '0.05')).toMatchObject({
      code: 90,
      stdout: expect.stringMatching(/goodput .* invalid\n.*✓ No figure is significantly worse/s),
    });
  expect(await compare(before, other, '0.05')).toMatchObject({ code: 99 });
});

test("compare names a missing variant, and with a margin ends with 104, since it can't be judged", async () => {
  const rounds = [0.9, 0.8, 0.85, 0.9, 0.8].map((goodput, i) =>
    makeRound(7 + i, { plain: goodput, guarded: goodput }),
  );
  const about = { command: '', durationMs: 0 };
  const both = write('both', overRounds(rounds, about));
  const without = rounds.map((round) => pick(round, 'plain'));
  const one = write('one', overRounds(without, about));
  expect(await compare(both, one)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/⚠ Only before, so compared with nothing: guarded/),
  });
  expect(await compare(both, one, '5%')).toMatchObject({
    code: 104,
    stdout: expect.stringMatching(/✓ No figure is significantly worse/),
    stderr: 'expected every variant of the first run in the second beside --margin, missing guarded\n',
  });
  expect(await compare(one, both, '5%')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/⚠ Only after, so compared with nothing: guarded/),
  });
  const errors = [{ name: 'interrupted', message: 'Ctrl-C' }];
  const cut = write('cut', { ...overRounds(without, about), errors });
  expect(await compare(both, cut, '5%')).toMatchObject({ code: 90 });
});

test('compare --margin refuses a control beside a run with faults, which would be better without any cure', async () => {
  const [run, control] = [write('run', five), write('control', { ...five, withoutFaults: true })];
  expect(await compare(run, control, '5%')).toMatchObject({
    code: 104,
    stderr: 'expected two control runs (run --without-faults) beside --margin, or none, got one\n',
  });
  expect(await compare(control, control, '5%')).toMatchObject({ code: 0 });
});

/** Returns a result as if half as many requests had been offered in each round. */
const halved = (result: Result): Result => ({
  ...result,
  figures: result.figures.map((figure) => ({
    ...figure,
    ...(['offered', 'errors'].includes(figure.metric) && { value: figure.value! / 2 }),
  })),
});

test('compare --margin refuses another load, of which fewer errors are no improvement', async () => {
  const [all, half] = [write('all', five), write('half', halved(five))];
  for (const pair of [[all, half] as const, [half, all] as const])
    expect(await compare(...pair, '5%')).toMatchObject({
      code: 104,
      stdout: expect.stringMatching(
        /⚠ plain was offered another load, so its figures are not judged\..*errors [^\n]* another load\n/s,
      ),
      stderr: 'expected the same load in both runs beside --margin, got another one for plain\n',
    });
  expect(await compare(all, half)).toMatchObject({ code: 0 });
});

test('compare --margin ends with 104 where there are too few rounds', async () => {
  const before = write('before', repeated(0.9, 0.8, 0.85, 0.9));
  const single = write('single', makeRound(7, { plain: 0.9 }));
  expect(await compare(single, single)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('A single run has no interval'),
  });
  expect(await compare(before, single, '5%')).toMatchObject({
    code: 104,
    stderr: expect.stringMatching(
      /before: expected at least 5 rounds .*, got 4\n.*single: expected at least 5 rounds \(run --repeat\) beside --margin, got 1\n/,
    ),
  });
});

test('compare of two folders without a result rejects once, and leaves no rejection behind', async () => {
  expect((await compare(testFolder(), 'nowhere')).stderr).toContain('nowhere');
});
