import { expect, test } from 'vitest';
import { same } from '#lab/report/conclusion/ranking.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

test('same finds the two architectures that are one system, and what they share', () => {
  expect(said(same, pick(makeResult(), 'rpc-bulkhead-16', 'events-16', 'rpc-bulkhead-40'))).toEqual([
    'note: RPC and events behave the same here',
    "The goodput of rpc-bulkhead-16 and events-16 differs by at most 0.5 points at round deadlines from 100 ms to 10 s (100 % at the experiment's). Each had at most 16 attempts in flight at downstream, with a p99 of 1.23 s.",
  ]);
});

test('same gives the range of the goodput at the deadline of the experiment', () => {
  const result = alter(pick(makeResult(), 'rpc-retries', 'rpc-nothing'), 'rpc-nothing', { goodput: 0.04 });
  expect(said(same, result)[1]).toContain("(2.5 % to 4 % at the experiment's)");
});

test('same says what the same result costs more', () => {
  expect(said(same, pick(makeResult(), 'rpc-retries', 'rpc-nothing'))).toEqual([
    'note: No difference to the caller',
    "The goodput of rpc-retries and rpc-nothing differs by less than 0.1 points at round deadlines from 100 ms to 10 s (2.5 % at the experiment's). But rpc-retries needs 3.92 attempts per request, rpc-nothing 1.",
  ]);
});

test('same does not claim a shared bound that was not measured', () => {
  const result = pick(makeResult(), 'rpc-bulkhead-16', 'events-16');
  expect(said(same, alter(result, 'events-16', { peakInFlight: null }))[1]).not.toContain('in flight');
});

test('same does not claim a shared bound if the peaks differ, regardless of the samples', () => {
  const result = pick(makeResult(), 'rpc-bulkhead-16', 'events-16');
  expect(said(same, alter(result, 'events-16', { peakInFlight: 18 }))[1]).toContain(
    'at most 16 to 18 attempts',
  );
  expect(said(same, alter(result, 'events-16', { peakInFlight: 19 }))[1]).not.toContain('in flight');
});

test('same says nothing if any deadline separates the variants', () => {
  expect(said(same, pick(makeResult(), 'rpc-bulkhead-16', 'events-8'))).toEqual([]);
});

test('same says nothing of variants without a common deadline', () => {
  const result = alter(pick(makeResult(), 'rpc-bulkhead-16', 'events-16'), 'events-16', {
    goodputByDeadline: [],
  });
  expect(said(same, result)).toEqual([]);
});
