import { expect, test } from 'vitest';
import { backlog, collapse, late, lost, survivors, waste } from '#lab/report/conclusion/losses.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';
import { outcomesOf, percentiles } from '#test/fixtures/variant.ts';

const one = (name: string, change: Partial<VariantResult> = {}) =>
  alter(pick(makeResult(), name), name, change);

test('collapse gives its signature, with retries and without', () => {
  expect(said(collapse, makeResult())).toEqual([
    'bad: 2 of 9 variants collapse',
    'rpc-retries: 2.5 % completed within 2 s, 97.5 % failed or timed out. A request makes 3.92 attempts on average. Up to 1,998 are in flight at downstream, and 99 % of all attempts time out. The average is close to 4: nearly every request used all its attempts without success.',
    'rpc-nothing: 2.5 % completed within 2 s, 97.5 % failed or timed out. A request makes 1 attempt on average. Up to 1,998 are in flight at downstream, and 96 % of all attempts time out. There were no retries: the load alone is too high.',
  ]);
});

test('collapse reads an amplification between whole numbers as nothing', () => {
  const [title, point] = said(collapse, one('rpc-retries', { amplification: 2.5 }));
  expect(title).toBe('bad: The system collapses');
  expect(point).toMatch(/99 % of all attempts time out\.$/);
});

test('collapse lets no more attempts time out than there were, also where a deadline around the retries cut off waits, too', () => {
  const [, point] = said(collapse, one('rpc-nothing', { attempts: 2000, attemptTimeouts: 2600 }));
  expect(point).toContain('and 100 % of all attempts time out.');
});

test('collapse is reported of events that no consumer takes', () => {
  const waiting = { goodput: 0, outcomes: outcomesOf({ pending: 2000 }) };
  expect(said(collapse, one('events-48', waiting))).toEqual([
    'bad: The system collapses',
    expect.stringContaining('events-48: 0 % completed within 2 s, 100 % failed, timed out or never ended.'),
  ]);
});

test('collapse speaks of one that does in the singular', () => {
  expect(said(collapse, pick(makeResult(), 'rpc-nothing', 'events-16'))[0]).toBe(
    'bad: 1 of 2 variants collapses',
  );
});

test('collapse does not blame the load alone where a process could not keep up', () => {
  const result = pick(makeResult(), 'rpc-nothing');
  const { self } = result.variants[0]!;
  const processes = self.processes.map((each) => ({ ...each, saturated: each.name === 'gateway' }));
  expect(said(collapse, alter(result, 'rpc-nothing', { self: { ...self, processes } }))[1]).not.toContain(
    'to blame',
  );
});

test('collapse reports the peak in flight if there are no samples, and nothing if there is no peak', () => {
  const result = pick(makeResult({ points: 0 }), 'rpc-nothing');
  expect(said(collapse, result)[1]).toContain('1,998 are in flight');
  const variants = result.variants.map((variant) => ({ ...variant, peakInFlight: null }));
  expect(said(collapse, { ...result, variants })[1]).not.toContain('in flight');
});

test('collapse is not said of requests that a policy refused, nor of a partial failure', () => {
  expect(said(collapse, pick(makeResult(), 'rpc-guarded', 'rpc-bulkhead-40', 'events-48'))).toEqual([]);
  const half = { goodput: 0.4, outcomes: outcomesOf({ ok: 800, timeout: 1200 }) };
  expect(said(collapse, one('rpc-nothing', half))).toEqual([]);
});

test('late distinguishes lateness from loss and names the deadline that would do', () => {
  expect(said(late, pick(makeResult(), 'rpc-retries-bulkhead-40', 'events-8'))).toEqual([
    'note: Requests complete, but late',
    'rpc-retries-bulkhead-40 completes 99.5 %, but 25 % after the deadline of 2 s; 0.5 % never completes; a deadline of 5 s would give 99.5 %.',
    'events-8 completes 100 %, but 19 % after the deadline of 2 s; a deadline of 5 s would give 100 %.',
  ]);
});

test('late does not call lost what the run did not wait for', () => {
  const outcomes = outcomesOf({ ok: 1000, late: 200, failed: 100, pending: 300, unknown: 400 });
  expect(said(late, one('events-8', { outcomes }))[1]).toContain(
    'but 10 % after the deadline of 2 s; 5 % never completes; 35 % had not ended when the run did',
  );
});

test('late says nothing of the punctual, nor of those that lose', () => {
  expect(said(late, pick(makeResult(), 'rpc-bulkhead-16', 'rpc-nothing'))).toEqual([]);
});

test('lost counts accepted events that are nowhere, and unknown outcomes', () => {
  expect(said(lost, one('events-8', { lost: 1, outcomes: outcomesOf({ ok: 1990, unknown: 10 }) }))).toEqual([
    'bad: Accepted work was lost',
    'events-8 accepted 1 event that was lost.',
    'The outcome of 10 requests of events-8 is unknown: neither an answer nor a completion arrived.',
  ]);
  expect(said(lost, one('events-8', { outcomes: outcomesOf({ ok: 1999, unknown: 1 }) }))[0]).toBe(
    'bad: Some outcomes are unknown',
  );
});

test('lost says nothing when all is accounted for', () => {
  expect(said(lost, makeResult())).toEqual([]);
});

test('waste counts work for disconnected callers, and work done twice', () => {
  const effects = { distinct: 1900, duplicates: 100, wasted: 50 };
  expect(said(waste, one('events-8', { effects }))).toEqual([
    'bad: Wasted work',
    "Downstream's work for callers that had given up: events-8 2.5 % (50 of 2,000 effects).",
    'Effects beyond the first of a request: events-8 100.',
  ]);
});

test('waste lists the variant with the largest share first', () => {
  const wasted = (result: Result, name: string, count: number) =>
    alter(result, name, { effects: { distinct: 1000, duplicates: 0, wasted: count } });
  const result = wasted(
    wasted(pick(makeResult(), 'events-8', 'events-48'), 'events-8', 100),
    'events-48',
    900,
  );
  expect(said(waste, result)[1]).toMatch(/given up: events-48 90 % .*, events-8 10 % /);
});

test('waste says nothing below 2 % of the work', () => {
  expect(said(waste, one('events-8', { effects: { distinct: 2000, duplicates: 0, wasted: 39 } }))).toEqual(
    [],
  );
});

test('survivors warns of a good latency that covers few requests', () => {
  expect(said(survivors, makeResult())).toEqual([
    'note: The lowest latency is misleading',
    'rpc-retries and rpc-nothing have the lowest median (34 ms to 38 ms) because only 2.5 % of the requests completed; rpc-bulkhead-16 completes 100 %, with a median of 526 ms. Latency covers only completed requests.',
  ]);
});

test('survivors says nothing of medians that are a few ms apart', () => {
  const ms = (p50Ms: number) => ({ latency: percentiles(2000, p50Ms, 200) });
  const pair = alter(pick(makeResult(), 'rpc-retries', 'events-16'), 'events-16', ms(44));
  expect(said(survivors, alter(pair, 'rpc-retries', ms(35)))).toEqual([]);
  expect(said(survivors, alter(pair, 'rpc-retries', ms(34)))).toHaveLength(2);
});

test('survivors says nothing when the fastest completes about as much as any', () => {
  expect(said(survivors, pick(makeResult(), 'rpc-bulkhead-16', 'events-16', 'events-8'))).toEqual([]);
  expect(said(survivors, makeResult({ variants: 1 }))).toEqual([]);
});

test('backlog says how far the queue grew and how long it outlived the load', () => {
  const series = {
    ...one('events-8').variants[0]!.series,
    tMs: [0, 500, 1000, 2500],
    offered: [2000, 2000, 0, 0],
    backlog: [0, 900, 400, 0],
  };
  expect(said(backlog, one('events-8', { series }))).toEqual([
    'note: The queue hides the waiting time',
    'Every event was accepted, and the load became a backlog: events-8 up to 900 (some events left until about 500 ms after the last scheduled request).',
  ]);
});

test('backlog says of a queue that outlived the run what was left of it', () => {
  const outcomes = outcomesOf({ ok: 1700, pending: 300 });
  expect(said(backlog, one('events-8', { outcomes }))[1]).toMatch(/ \(300 were left when the run ended\)\.$/);
});

test('backlog says when events were refused', () => {
  const outcomes = outcomesOf({ ok: 1900, dropped: 100 });
  expect(said(backlog, one('events-8', { outcomes }))[1]).toMatch(
    /^events-8 refused some events, and the load became/,
  );
});

test.each(['unknown', 'unsent'] as const)('backlog calls no event accepted that is %s', (outcome) => {
  const outcomes = outcomesOf({ ok: 1999, [outcome]: 1 });
  expect(said(backlog, one('events-8', { outcomes }))[1]).toMatch(
    /^No caller received a refusal, and the load became/,
  );
});

test('backlog says nothing of short queues, of RPC, and of what was not sampled', () => {
  const short = one('events-8', { offered: 20_000 });
  expect(said(backlog, short)).toEqual([]);
  expect(said(backlog, one('rpc-bulkhead-16'))).toEqual([]);
  expect(said(backlog, pick(makeResult({ points: 0 }), 'events-8'))).toEqual([]);
});
