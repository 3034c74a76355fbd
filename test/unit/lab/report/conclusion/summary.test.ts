import { expect, test } from 'vitest';
import { summary } from '#lab/report/conclusion/summary.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

test('summary of a healthy single variant says so with its latency', () => {
  expect(said(summary, pick(makeResult(), 'rpc-bulkhead-16'))).toEqual([
    'good: Healthy',
    'It completes all of the offered requests within 2 s. The p99 is 1.23 s, 61 % of the deadline.',
  ]);
});

test('summary of healthy variants speaks for the worst of them', () => {
  const result = alter(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'), 'events-16', { goodput: 0.995 });
  expect(said(summary, result)).toEqual([
    'good: Healthy',
    'Every variant completes 99.5 % of the offered requests within 2 s. The p99 is at most 1.23 s, 62 % of the deadline.',
  ]);
});

test('summary of a mixed result names those that do the work, and the last', () => {
  expect(said(summary, makeResult())).toEqual([
    'good: 2 of 9 variants complete the requests in time',
    'rpc-bulkhead-16 and events-16 complete all of the same load within 2 s; rpc-retries and rpc-nothing, the last, complete 2.5 %.',
  ]);
});

test('summary speaks of one that does the work in the singular', () => {
  expect(said(summary, pick(makeResult(), 'events-16', 'events-48', 'rpc-nothing'))).toEqual([
    'good: 1 of 3 variants completes the requests in time',
    'events-16 completes all of the same load within 2 s; rpc-nothing, the last, completes 2.5 %.',
  ]);
});

test('summary without a healthy variant says what became of the requests of the best', () => {
  expect(said(summary, pick(makeResult(), 'events-48', 'rpc-nothing'))).toEqual([
    'bad: No variant completes all requests in time',
    'The best, events-48, completes 59 % of 2,000 requests within 2 s; other outcomes: 38 % late, 3.1 % dead.',
  ]);
});

test('summary does not rank variants that are too close', () => {
  const near = alter(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'), 'events-16', { goodput: 0.97 });
  expect(said(summary, near)[1]).toBe(
    'rpc-bulkhead-16 completes all of the same load within 2 s; the others complete 97 %, too close to tell apart.',
  );
  const poor = alter(pick(makeResult(), 'events-48', 'rpc-bulkhead-40'), 'rpc-bulkhead-40', {
    goodput: 0.56,
  });
  expect(said(summary, poor)[1]).toMatch(
    /^The best, rpc-bulkhead-40 and events-48, complete 56 % to 59 % of 2,000 requests within 2 s, too close to tell apart; main other outcomes of these variants together: 19 % late, 14 % failed\.$/,
  );
});

test('summary of a single unhealthy variant compares it with nothing', () => {
  const result = alter(pick(makeResult(), 'events-8'), 'events-8', {
    outcomes: outcomesOf({ ok: 1620, pending: 380 }),
  });
  expect(said(summary, result)).toEqual([
    'bad: Too few requests complete in time',
    'events-8 completes 81 % of 2,000 requests within 2 s; other outcomes: 19 % pending.',
  ]);
});

test('summary without measured variants says nothing', () => {
  expect(said(summary, makeResult({ variants: 0 }))).toEqual([]);
});
