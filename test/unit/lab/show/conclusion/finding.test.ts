import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { plain } from '#lab/kit/text/format.ts';
import { findingOf } from '#lab/show/conclusion/finding.ts';
import { plainWords } from '#lab/show/conclusion/words.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

const finding = (result: Result) => findingOf(result).map((words) => plain(plainWords(words)));

test('findingOf nine variants: who completes everything, who falls behind, who collapses', () => {
  const [good, middle, bad, ...more] = finding(makeResult());
  expect(good).toMatch(/^rpc-bulkhead-16 and events-16 .*every request within 2 s/);
  expect(middle).toMatch(/^events-8, .* and 2 others complete 17 % to 81 % within 2 s/);
  expect(bad).toMatch(/^rpc-retries and rpc-nothing collapse: 2.5 % in time, .*timed out/);
  expect(more).toEqual([]);
});

test('findingOf a few variants names of each the two most frequent losses', () => {
  expect(finding(pick(makeResult(), 'events-8', 'events-48'))).toEqual([
    'events-8 completes 81 % (19 % late), events-48 59 % (38 % late and 3.1 % dead-lettered) within 2 s.',
  ]);
});

test('findingOf rounds down what several variants complete at least, and is exact for one', () => {
  const result = alter(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'), 'events-16', { goodput: 0.9959 });
  expect(finding(result)[0]).toContain('at least 99.5 %');
  expect(finding(pick(result, 'events-16'))[0]).toContain('99.6 %');
});

const after = (name: string, goodput = 0.5) => ({
  ...makeResult().variants[0]!,
  name,
  goodput,
  span: { fromMs: 0, untilMs: 1 },
});
test('findingOf a collapse in the last window has its figures', () => {
  const outcomes = outcomesOf({ ok: 20, timeout: 980 });
  const last = { ...after('after slow', 0.02), span: { fromMs: 1, untilMs: 2 }, offered: 1000, outcomes };
  const result = alter(pick(makeResult(), 'events-8'), 'events-8', { windows: [last] });
  expect(finding(result)).toEqual(['After slow: events-8 collapses: 2 % in time, 98 % timed out.']);
});

test('findingOf a run without figures is empty', () => {
  expect(finding(makeResult({ variants: 0 }))).toEqual([]);
});

test.each([
  ['invalid', /^With invalid figures of rpc-\w+: /],
  ['interrupted', /^Until the interruption: /],
  ['error', /^Of the finished variants: /],
] as const)('findingOf a run that is %s says so first', (status, begin) => {
  expect(finding(makeResult({ status }))[0]).toMatch(begin);
});

/** Returns the finding over rounds in which variants have these goodputs. */
const findingOver = (...goodputs: Record<string, number>[]) =>
  finding(
    overRounds(
      goodputs.map((each, i) => makeRound(i + 1, each)),
      { command: '', durationMs: 0 },
    ),
  );

test('findingOf rounds has the best and the worst mean, and counts the collapses', () => {
  const lost = [0.1, 0.12, 0.5, 0.08];
  expect(findingOver(...lost.map((each) => ({ lost: each, quick: 0.9 })))).toEqual([
    'Mean of 4 rounds: quick completes 90 % in time; the last, lost, 20 %.',
    'Rounds with a collapse: lost 3 of 4.',
  ]);
});

test('findingOf rounds says so if a variant was finished in fewer of them', () => {
  expect(findingOver({ a: 1, b: 0.5 }, { a: 1 })[0]).toMatch(/^Mean of 1 to 2 rounds: a /);
});

test('findingOf rounds names all whose difference to the best may be chance', () => {
  const round = { none: 0.3, limited: 1, queued: 1 };
  expect(findingOver(round, round, round)).toEqual([
    'Mean of 3 rounds: limited and queued complete 100 % in time; the last, none, 30 %.',
  ]);
  const swapped = [
    { a: 0.9, b: 0.8, c: 0.3 },
    { a: 0.8, b: 0.88, c: 0.3 },
    { a: 0.9, b: 0.85, c: 0.2 },
    { a: 0.8, b: 0.84, c: 0.2 },
  ];
  expect(findingOver(...swapped)).toEqual([
    expect.stringMatching(/a and b complete 84 % to 85 % in time, .* chance; the last, c, 25 %/),
  ]);
  expect(findingOver(swapped[0]!)).toEqual(['Mean of 1 round: a completes 90 % in time; the last, c, 30 %.']);
});
