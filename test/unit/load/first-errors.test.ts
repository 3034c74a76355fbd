import { expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { FirstErrors } from '#load/first-errors.ts';

const ended = (outcome: Outcome, reason?: string, scheduledAtMs = 0) => ({ outcome, reason, scheduledAtMs });

test('FirstErrors counts reasons that differ in nothing but numbers as one, with the first time', () => {
  const errors = new FirstErrors();
  errors.add(ended('failed', '502: r7 failed', 1500), 1000);
  errors.add(ended('failed', '502: r12 failed', 1600), 1000);
  errors.add(ended('failed', '503: r12 failed', 1700), 1000);
  expect(errors.summary).toEqual({
    failed: [
      { reason: '502: r7 failed', count: 2, firstAtMs: 500 },
      { reason: '503: r12 failed', count: 1, firstAtMs: 700 },
    ],
  });
});

test('FirstErrors keeps three reasons of an outcome, and none of what went well', () => {
  const errors = new FirstErrors();
  for (const word of ['a', 'b', 'c', 'd', 'a']) errors.add(ended('unknown', word), 0);
  for (const outcome of ['ok', 'late'] as const)
    errors.add(ended(outcome, 'an answer that came after the completion'), 0);
  expect(Object.keys(errors.summary)).toEqual(['unknown']);
  expect(errors.summary.unknown?.map(({ reason, count }) => [reason, count])).toEqual([
    ['a', 2],
    ['b', 1],
    ['c', 1],
  ]);
});

test('FirstErrors says what is known of requests that got no answer or found no free connection', () => {
  const errors = new FirstErrors();
  for (const outcome of ['unknown', 'unsent', 'pending', 'dead'] as const) errors.add(ended(outcome), 0);
  expect(Object.keys(errors.summary).sort()).toEqual(['pending', 'unknown', 'unsent']);
});
