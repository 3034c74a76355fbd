import { expect, test } from 'vitest';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { findingOf } from '#lab/report/conclusion/finding.ts';
import type { Result } from '#lab/result/result.ts';
import { plain } from '#lab/text/format.ts';
import { recovered } from '#test/fixtures/measured.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';
import { textOf } from '#test/fixtures/said.ts';
import { outcomesOf, percentiles } from '#test/fixtures/variant.ts';

const finding = (result: Result) => findingOf(result).map((words) => plain(textOf(words)));

test('findingOf nine variants says who completes everything, who falls behind, and who collapses', () => {
  const [good, middle, bad, ...more] = finding(makeResult());
  expect(good).toMatch(/^rpc-bulkhead-16 and events-16 .*every request within 2 s/);
  expect(middle).toMatch(
    /^4 variants .* 81 % \(events-8: 19 % late\) .* 59 % \(events-48: 38 % late and 3\.1 % dead-lettered\), rpc-guarded 17 % \(83 % rejected\)/,
  );
  expect(bad).toMatch(/^rpc-retries and rpc-nothing collapse: 2.5 % .*timed out/);
  expect(more).toEqual([]);
});

test('findingOf a single variant says how its requests end', () => {
  expect(finding(pick(makeResult(), 'events-48'))).toEqual([
    'events-48 completes 59 % (38 % late and 3.1 % dead-lettered) within 2 s.',
  ]);
});

test('findingOf a few variants that fall behind says of each how its requests end', () => {
  expect(finding(pick(makeResult(), 'events-8', 'events-48'))).toEqual([
    'events-8 completes 81 % (19 % late), events-48 59 % (38 % late and 3.1 % dead-lettered) within 2 s.',
    'events-48 makes 1.66 attempts per request, events-8 1.05.',
  ]);
});

test('findingOf many variants splits them where the goodput falls most, and names the ends of each group', () => {
  const goodputs: Record<string, number> = {
    'events-48': 0.8,
    'events-8': 0.78,
    'rpc-nothing': 0.52,
    'rpc-retries': 0.51,
    'rpc-guarded': 0.5,
  };
  const chosen = pick(makeResult(), ...Object.keys(goodputs));
  const result = Object.entries(goodputs).reduce(
    (of, [name, goodput]) => alter(of, name, { goodput }),
    chosen,
  );
  const [split] = finding(result);
  expect(split).toMatch(/^events-48 completes 80 % .*, events-8 78 % .*, 3 variants 52 % \(rpc-nothing: /);
  expect(split).toMatch(/down to 50 % \(rpc-guarded: 83 % rejected\) within 2 s\.$/);
  const near = finding(
    ['rpc-nothing', 'rpc-retries', 'rpc-guarded'].reduce(
      (of, name) => alter(of, name, { goodput: 0.74 }),
      result,
    ),
  );
  expect(near[0]).toMatch(/^5 variants complete 80 % \(events-48: .* down to 74 % /);
});

test('findingOf variants that fall behind names the attempts where they differ by half', () => {
  const pair = pick(makeResult(), 'events-8', 'events-48');
  const withAttempts = (most: number, least: number) =>
    finding(
      alter(alter(pair, 'events-8', { amplification: most }), 'events-48', { amplification: least }),
    ).slice(1);
  expect(withAttempts(1.5, 1)).toEqual(['events-8 makes 1.5 attempts per request, events-48 1.']);
  expect(withAttempts(1.49, 1)).toEqual([]);
  expect(withAttempts(1.4, 0.2)).toEqual([]);
});

test('findingOf variants has at most three sentences', () => {
  expect(finding(alter(makeResult(), 'rpc-retries', { amplification: 9 }))).toHaveLength(3);
});

test('findingOf a closed loop beside an open one says that its p99 leaves out the wait', () => {
  const closed = (of: Result, name: string) => alter(of, name, { config: { load: { callers: 5 } } });
  const pair = alter(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'), 'events-16', {
    latency: percentiles(2000, 5, 20),
  });
  expect(finding(closed(pair, 'events-16'))[1]).toBe(
    'The p99 of rpc-bulkhead-16 is 1.23 s; events-16 shows 20 ms, since it leaves out the wait before sending.',
  );
  expect(finding(closed(closed(pair, 'events-16'), 'rpc-bulkhead-16'))[1]).toMatch(
    /, that of events-16 20 ms/,
  );
});

test.each([
  [
    'work done twice',
    { effects: { distinct: 2000, duplicates: 3, wasted: 0 } },
    /^3 effects of events-16 are duplicates/,
  ],
  ['attempts', { amplification: 1.5 }, /^events-16 makes 1.5 attempts per request, rpc-bulkhead-16 1.05/],
  [
    'latency',
    { latency: percentiles(2000, 500, 4000) },
    /^The p99 of events-16 is 4 s, that of rpc-bulkhead-16 1.23 s/,
  ],
])('findingOf healthy variants says what they differ in: %s', (_, change, sentence) => {
  const result = alter(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'), 'events-16', change);
  expect(finding(result)[1]).toMatch(sentence);
});

test('findingOf healthy variants is a sentence', () => {
  const result = alter(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'), 'events-16', { goodput: 0.995 });
  expect(finding(result)).toEqual([
    'rpc-bulkhead-16 and events-16 complete at least 99.5 % of the requests within 2 s.',
  ]);
});

test('findingOf a run in which a variant never recovers says that instead of its collapse', () => {
  const result = pick(makeResult(), 'events-16', 'rpc-retries');
  const window = { ...result.variants[0]!, name: 'after slow', span: null };
  const never = { ...recovered, timeMs: null, atLeastMs: 5000 };
  const stuck = alter(
    alter(result, 'rpc-retries', { windows: [{ ...window, recovery: never }] }),
    'events-16',
    { windows: [{ ...window, recovery: recovered }] },
  );
  expect(finding(stuck)[1]).toMatch(
    /^After slow: events-16 recovers .*; rpc-retries does not recover within 5 s/,
  );
  expect(finding(stuck).join()).not.toContain('collapse');
});

test('findingOf a single variant leaves out no outcome that matters', () => {
  const outcomes = outcomesOf({ ok: 640, rejected: 860, timeout: 340, failed: 140, late: 20 });
  const result = alter(pick(makeResult(), 'events-48'), 'events-48', { goodput: 0.32, outcomes });
  expect(finding(result)[0]).toBe(
    'events-48 completes 32 % (43 % rejected, 17 % timed out and 7 % failed) within 2 s.',
  );
});

test('findingOf a collapse in a phase without a name says when that was', () => {
  const outcomes = outcomesOf({ ok: 20, timeout: 980 });
  const phase = (name: string) => ({
    ...after(name, 0.02),
    span: { fromMs: 3000, untilMs: 4500 },
    offered: 1000,
    outcomes,
  });
  const collapsing = (name: string) =>
    alter(pick(makeResult(), 'events-8'), 'events-8', { windows: [phase(name)] });
  expect(finding(collapsing('phase 2'))[0]).toMatch(/^Phase 2 \(3 s to 4\.5 s\): events-8 collapses/);
  expect(finding(collapsing('phase burst'))[0]).toMatch(/^Phase burst: events-8 collapses/);
});

test('findingOf a run without figures is empty', () => {
  expect(finding(makeResult({ variants: 0 }))).toEqual([]);
});

/** Returns the finding over rounds in which variants have these goodputs. */
const findingOver = (...goodputs: Record<string, number>[]) =>
  finding(
    overRounds(
      goodputs.map((each, i) => makeRound(i + 1, each)),
      { command: '', durationMs: 0 },
    ),
  );

test('findingOf rounds names the best and the worst mean, and counts the collapses', () => {
  const lost = [0.1, 0.12, 0.5, 0.08];
  expect(findingOver(...lost.map((each) => ({ lost: each, quick: 0.9 })))).toEqual([
    'Mean of 4 rounds: quick completes 90 % in time, the last variant, lost, 20 %.',
    'Rounds with a collapse: lost 3.',
  ]);
});

test('findingOf rounds names all that share the best mean', () => {
  const round = { none: 0.3, limited: 1, queued: 1 };
  expect(findingOver(round, round, round)).toEqual([
    'Mean of 3 rounds: limited and queued complete 100 % in time, the last variant, none, 30 %.',
  ]);
  expect(findingOver({ limited: 1, queued: 1 })).toEqual([
    'Mean of 1 round: limited and queued complete 100 % in time.',
  ]);
});

test('findingOf rounds says whose difference to the best may be chance', () => {
  const swapped = [
    { a: 0.9, b: 0.8, c: 0.3 },
    { a: 0.8, b: 0.88, c: 0.3 },
    { a: 0.9, b: 0.85, c: 0.2 },
    { a: 0.8, b: 0.84, c: 0.2 },
  ];
  expect(findingOver(...swapped)).toEqual([
    'Mean of 4 rounds: a completes 85 % in time, the last variant, c, 25 %.',
    'The difference to b may be chance.',
  ]);
  expect(findingOver(swapped[0]!)).toEqual([
    'Mean of 1 round: a completes 90 % in time, the last variant, c, 30 %.',
  ]);
});

test('findingOf rounds of which one is invalid says so first', () => {
  const rounds = [1, 2].map((seed) => makeRound(seed, { quick: 0.9 }));
  const result = overRounds(rounds, { command: '', durationMs: 0 });
  expect(finding({ ...result, status: 'invalid' })[0]).toMatch(/^By an invalid measurement: Mean of 2/);
});

const after = (name: string, goodput = 0.5) => ({ ...makeResult().variants[0]!, name, goodput, span: null });
const stuckFor = (atLeastMs: number) => ({ ...recovered, timeMs: null, atLeastMs });

test('findingOf a run with a stuck variant also tells of others that complete little', () => {
  const result = alter(pick(makeResult(), 'rpc-nothing', 'rpc-retries'), 'rpc-retries', {
    windows: [{ ...after('after slow'), recovery: stuckFor(3000) }],
  });
  expect(finding(result).slice(0, 2)).toEqual([
    expect.stringMatching(/^rpc-nothing completes 2.5 %/),
    'After slow: rpc-retries does not recover within 3 s.',
  ]);
});

test('findingOf several stuck windows reports the one that most variants are stuck in, for longest', () => {
  const windows = (first: number | null, second: number) => [
    { ...after('after one'), recovery: first === null ? recovered : stuckFor(first) },
    { ...after('after two'), recovery: stuckFor(second) },
  ];
  const result = alter(
    alter(pick(makeResult(), 'events-8', 'events-48'), 'events-8', { windows: windows(1000, 9000) }),
    'events-48',
    { windows: windows(null, 9000) },
  );
  expect(finding(result)[1]).toBe('After two: events-8 and events-48 do not recover within 9 s.');
});

test('findingOf a collapse in the last window has its figures', () => {
  const outcomes = outcomesOf({ ok: 20, timeout: 980 });
  const last = { ...after('after slow', 0.02), span: { fromMs: 1, untilMs: 2 }, offered: 1000, outcomes };
  const result = alter(pick(makeResult(), 'events-8'), 'events-8', { windows: [last] });
  expect(finding(result)).toEqual(['After slow: events-8 collapses: 2 % in time, 98 % timed out.']);
});

test.each([
  ['invalid', /^By an invalid measurement: /],
  ['interrupted', /^Until the interruption: /],
  ['error', /^Until the error: /],
] as const)('findingOf a run that is %s says so first', (status, begin) => {
  expect(finding(makeResult({ status }))[0]).toMatch(begin);
});

test('findingOf rounds down what several variants complete at least, and is exact for one', () => {
  const result = alter(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'), 'events-16', { goodput: 0.9959 });
  expect(finding(result)[0]).toContain('at least 99.5 %');
  expect(finding(pick(result, 'events-16'))[0]).toBe(
    'events-16 completes 99.6 % of the requests within 2 s.',
  );
});
