import { expect, test } from 'vitest';
import { plain } from '#lab/experiment/text/format.ts';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { FaultResult, Result } from '#lab/judge/result/result.ts';
import { findingOf } from '#lab/show/conclusion/finding.ts';
import { plainWords } from '#lab/show/conclusion/words.ts';
import { recovered } from '#test/fixtures/measured.ts';
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
const stuckFor = (atLeastMs: number) => ({ ...recovered, timeMs: null, atLeastMs });

test('findingOf variants that never recover names them instead of a collapse', () => {
  const result = alter(
    alter(pick(makeResult(), 'events-16', 'rpc-retries', 'rpc-nothing'), 'rpc-retries', {
      windows: [{ ...after('after slow'), recovery: stuckFor(5000) }],
    }),
    'events-16',
    { windows: [{ ...after('after slow'), recovery: { ...recovered, timeMs: 800 } }] },
  );
  expect(finding(result).slice(1)).toEqual([
    'After slow: events-16 recovers within 800 ms; rpc-retries does not recover within 5 s.',
    expect.stringMatching(/^rpc-nothing collapses/),
  ]);
});

test('findingOf several windows takes the one after which the most variants are stuck', () => {
  const windows = (first: number | null) => [
    { ...after('after one'), recovery: first === null ? recovered : stuckFor(first) },
    { ...after('after two'), recovery: stuckFor(9000) },
  ];
  const both = pick(makeResult(), 'events-8', 'events-48');
  const result = alter(alter(both, 'events-8', { windows: windows(1000) }), 'events-48', {
    windows: windows(null),
  });
  expect(finding(result)).toEqual(['After two: events-8 and events-48 do not recover within 9 s.']);
});

test('findingOf says which variants were still recovering when the load ended', () => {
  const windows = [{ ...after('after slow'), recovery: { ...stuckFor(5000), leftMs: 3000 } }];
  const result = alter(pick(makeResult(), 'events-8'), 'events-8', { windows });
  expect(finding(result)[0]).toMatch(/does not recover within 5 s\. events-8 was still recovering\.$/);
});

test('findingOf a recovery that a later fault interrupted leaves it out', () => {
  const window = { ...after('after one'), span: { fromMs: 1000, untilMs: 3000 }, recovery: stuckFor(1000) };
  const fault = {
    ...{ name: 'two', state: 'slow', target: 'downstream', onPath: true },
    ...{ asked: { fromMs: 1500, untilMs: 2000 }, took: { fromMs: 1500, untilMs: 2000 } },
  } as FaultResult;
  const one = pick(makeResult(), 'events-8');
  const stuck = (faults: FaultResult[]) => alter(one, 'events-8', { windows: [window], faults });
  expect(finding(stuck([])).join()).toContain('does not recover');
  expect(finding(stuck([fault])).join()).not.toContain('recover');
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
  ['error', /^Until the error: /],
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
