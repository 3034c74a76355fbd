import { expect, test } from 'vitest';
import { same, winner } from '#lab/report/conclusion/ranking.ts';
import type { Result } from '#lab/result/result.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

const deadlines = [100, 1000, 10_000];
const compared = 'Compared deadlines: 100 ms, 1 s and 10 s.';

/** Returns a result of the variants `a`, `b` … with these goodputs at deadlines of 100 ms, 1 s and 10 s. */
function curves(...goodputs: number[][]): Result {
  return goodputs.reduce(
    (result, goodput, i) =>
      alter(result, result.variants[i]!.name, {
        name: 'abc'[i]!,
        goodputByDeadline: deadlines.map((deadlineMs, d) => ({ deadlineMs, goodput: goodput[d]! })),
      }),
    makeResult({ variants: goodputs.length }),
  );
}

test('winner names the one that leads at every deadline', () => {
  expect(said(winner, curves([0.3, 0.6, 0.9], [0.1, 0.2, 0.3]))).toEqual([
    'note: One variant leads at every compared deadline',
    `With deadlines from 100 ms to 10 s a leads (30 %, rising to 90 %). ${compared}`,
  ]);
});

test('winner calls a tie a tie', () => {
  expect(said(winner, curves([0.5, 0.6, 0.9], [0.5, 0.58, 0.9], [0.1, 0.2, 0.3]))).toEqual([
    'note: The same variants tie for the lead at every compared deadline',
    `With deadlines from 100 ms to 10 s a and b tie for the lead (the best at 50 %, rising to 90 %). ${compared}`,
  ]);
  expect(said(winner, curves([0.5, 0.6, 0.5], [0.5, 0.3, 0.9]))[1]).toBe(
    `With a deadline of 100 ms all tie (the best at 50 %); with a deadline of 1 s a leads (60 %); with a deadline of 10 s b leads (90 %). ${compared}`,
  );
});

test('winner says where it changes', () => {
  expect(said(winner, curves([0.3, 0.3, 0.3], [0.1, 0.5, 0.9]))).toEqual([
    'note: Who leads changes with the deadline',
    `With a deadline of 100 ms a leads (30 %); with deadlines from 1 s to 10 s b leads (50 %, rising to 90 %). ${compared}`,
  ]);
});

test('winner says which variant catches up with which', () => {
  expect(said(winner, curves([0.5, 1, 1], [0.1, 0.2, 0.99], [0.1, 0.2, 0.3]))).toEqual([
    'note: Others catch up at longer deadlines',
    `With deadlines from 100 ms to 1 s a leads (50 %, rising to 100 %); by 10 s b has caught up (the best at 100 %). ${compared}`,
  ]);
});

test('winner says which variant falls behind those that it was level with', () => {
  expect(said(winner, curves([0.5, 0.9, 1], [0.5, 0.6, 0.7]))).toEqual([
    'note: Variants that tie at first differ at longer deadlines',
    `With a deadline of 100 ms all tie (the best at 50 %); with deadlines from 1 s to 10 s a leads (90 %, rising to 100 %). ${compared}`,
  ]);
});

test('winner says of a lead that parts and closes again, or the other way round, that it changes', () => {
  for (const of of [curves([0.5, 0.9, 1], [0.5, 0.6, 1]), curves([0.9, 0.9, 1], [0.5, 0.9, 0.7])])
    expect(said(winner, of)[0]).toBe('note: Who leads changes with the deadline');
});

test('winner skips deadlines at which no variant completes anything', () => {
  expect(said(winner, curves([0.04, 0.6, 0.9], [0.01, 0.2, 0.3]))[1]).toMatch(
    /^With deadlines from 1 s to 10 s a leads .* Compared deadlines: 1 s and 10 s\.$/,
  );
});

test('winner says nothing of one variant, nor of variants that are equal throughout', () => {
  expect(said(winner, curves([0.3, 0.6, 0.9]))).toEqual([]);
  expect(said(winner, curves([0.3, 0.6, 0.9], [0.31, 0.59, 0.9]))).toEqual([]);
});

test('same finds the two architectures that are one system, and what they share', () => {
  expect(said(same, pick(makeResult(), 'rpc-bulkhead-16', 'events-16', 'rpc-bulkhead-40'))).toEqual([
    'note: RPC and events behave the same here',
    "The goodput of rpc-bulkhead-16 and events-16 differs by at most 0.5 points at deadlines of 100 ms, 250 ms, 1 s, 2 s, 5 s and 10 s. At the experiment's deadline it is 100 %. Each had at most 16 attempts in flight at downstream, with a p99 of 1.23 s.",
  ]);
});

test('same gives the range of the goodput at the deadline of the experiment', () => {
  const result = alter(pick(makeResult(), 'rpc-retries', 'rpc-nothing'), 'rpc-nothing', { goodput: 0.04 });
  expect(said(same, result)[1]).toContain("At the experiment's deadline it is 2.5 % to 4 %.");
});

test('same says what the same result costs more', () => {
  expect(said(same, pick(makeResult(), 'rpc-retries', 'rpc-nothing'))).toEqual([
    'note: No difference to the caller',
    "The goodput of rpc-retries and rpc-nothing differs by less than 0.1 points at deadlines of 100 ms, 250 ms, 1 s, 2 s, 5 s and 10 s. At the experiment's deadline it is 2.5 %. But rpc-retries needs 3.92 attempts per request, rpc-nothing 1.",
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
