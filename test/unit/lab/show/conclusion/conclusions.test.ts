import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { plain } from '#lab/kit/text/format.ts';
import { conclusionsOf } from '#lab/show/conclusion/conclusions.ts';
import { plainWords } from '#lab/show/conclusion/words.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

/** Returns the sentences of each conclusion by its title. */
const said = (result: Result) =>
  Object.fromEntries(
    conclusionsOf(result).map(({ title, points }) => [
      title,
      points.map((words) => plain(plainWords(words))),
    ]),
  );

const policy = 'What one more policy changes';
const queue = 'The queue hides the waiting time';
const latency = 'The lowest latency is misleading';
const wasted = 'Wasted work';

test('conclusionsOf nine variants has all four', () => {
  expect(Object.keys(said(makeResult()))).toEqual([policy, queue, latency, wasted]);
});

test('conclusionsOf a result without figures has none', () => {
  expect(conclusionsOf(makeResult({ variants: 0 }))).toEqual([]);
});

test('one more policy: pairs that differ in it alone, the largest effect first', () => {
  const points = said(makeResult())[policy]!;
  expect(points).toHaveLength(3);
  expect(points[0]).toMatch(/^bulkhead helps: rpc-retries completes .*, rpc-\S+ \d+ %/);
  const result = makeResult();
  const { config } = result.variants.find(({ name }) => name === 'rpc-nothing')!;
  const other = { ...config, downstream: { other: 1 } };
  const pair = pick(result, 'rpc-nothing', 'rpc-retries');
  expect(said(alter(pair, 'rpc-nothing', { config: other }))[policy]).toBeUndefined();
});

test('one more policy: no difference below 5 points, nor one that chance explains', () => {
  const pair = (before: number, after: number, offered = 2000) => {
    const two = pick(makeResult(), 'rpc-retries', 'rpc-retries-bulkhead-40');
    return said(
      alter(alter(two, 'rpc-retries', { goodput: before, offered }), 'rpc-retries-bulkhead-40', {
        goodput: after,
        offered,
      }),
    )[policy];
  };
  expect(pair(0.5, 0.54)).toBeUndefined();
  expect(pair(0.5, 0.56)?.[0]).toContain('helps');
  expect(pair(0.56, 0.5)?.[0]).toContain('makes it worse');
  expect(pair(0.5, 0.7, 10)).toBeUndefined();
});

test('one more policy over rounds: a difference whose interval is above 0', () => {
  const two = pick(makeResult(), 'rpc-retries', 'rpc-retries-bulkhead-40');
  const round = (more: number, seed: number) => {
    const changed = alter(alter(two, 'rpc-retries', { goodput: 0.5 }), 'rpc-retries-bulkhead-40', {
      goodput: more,
    });
    return { ...changed, experiment: { ...changed.experiment, seed } };
  };
  const of = (more: number[]) => said(overRounds(more.map(round), { command: '', durationMs: 0 }))[policy];
  expect(of([0.69, 0.7, 0.71])).toHaveLength(1);
  expect(of([0.4, 0.7, 1])).toBeUndefined();
});

test('the queue: backlogs of a tenth of the load, and who refused events', () => {
  const one = pick(makeResult(), 'events-8');
  expect(said(one)[queue]?.[0]).toMatch(/^Every event was accepted, .* events-8 up to [\d,]+\.$/);
  const { outcomes, series } = one.variants[0]!;
  const refusing = alter(one, 'events-8', { outcomes: { ...outcomes, dropped: 3 } });
  expect(said(refusing)[queue]?.[0]).toMatch(/^events-8 did not accept every event/);
  const short = alter(one, 'events-8', { series: { ...series, backlog: series.tMs.map(() => 199) } });
  expect(said(short)[queue]).toBeUndefined();
});

test('the lowest latency: only where much fewer requests completed', () => {
  expect(said(pick(makeResult(), 'rpc-retries', 'rpc-bulkhead-16'))[latency]?.[0]).toMatch(
    /^rpc-retries has the lowest median .* only 2\.5 % .*; rpc-bulkhead-16 completes 100 %/,
  );
  expect(said(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'))[latency]).toBeUndefined();
});

test('done, but reported as failed: the largest number first, beside all errors', () => {
  const two = pick(makeResult(), 'rpc-bulkhead-16', 'events-16');
  const result = alter(alter(two, 'rpc-bulkhead-16', { falseErrors: 2 }), 'events-16', { falseErrors: 30 });
  expect(said(result)['Done, but reported as failed']).toEqual([
    expect.stringMatching(/: events-16 30 of \d+, rpc-bulkhead-16 2 of \d+\. /),
  ]);
  expect(said(two)['Done, but reported as failed']).toBeUndefined();
});

test('wasted work: the largest share first, from 2 % on, and duplicates', () => {
  const effects = (wasted: number, duplicates = 0) => ({ distinct: 1000, duplicates, wasted });
  const two = pick(makeResult(), 'rpc-bulkhead-16', 'events-16');
  const result = alter(alter(two, 'rpc-bulkhead-16', { effects: effects(20) }), 'events-16', {
    effects: effects(500, 3),
    outcomes: outcomesOf({ ok: 2000 }),
  });
  expect(said(result)[wasted]).toEqual([
    expect.stringMatching(/: events-16 50 % \(500 of 1,003 effects\), rpc-bulkhead-16 2 %/),
    expect.stringMatching(/: events-16 3\.$/),
  ]);
  expect(said(alter(two, 'events-16', { effects: effects(19) }))[wasted]).toBeUndefined();
});
