import { headers as natsHeaders } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { deadLetterName, originOf, readDeadLetter, redrivenHeaders } from '#kit/broker/dead-letter.ts';
import { readWork } from '#kit/http/request.ts';
import { InvalidError } from '#kit/schema/problems.ts';
import { letterWith } from '#test/fixtures/letter.ts';

const time = new Date('2026-01-02T12:00:00.007Z');

function message(given: Record<string, string>) {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(given)) headers.set(name, value);
  return { seq: 5, time, headers };
}

describe('originOf', () => {
  test('of a published event has its id and no history', () => {
    expect(originOf(message({ 'Nats-Msg-Id': 'r5' }))).toEqual({
      id: 'r5',
      publishedAt: time.toISOString(),
      attempts: 0,
      lastAttempt: 0,
      redrives: 0,
    });
  });

  test('of an event or a dead letter without an id makes one up that no event can have, nor the other', () => {
    const made = [
      originOf({ seq: 5, time, headers: undefined }),
      readDeadLetter({ seq: 5, time, headers: undefined }),
    ];
    expect(made.map(({ id }) => id)).toEqual(['event#5', 'letter#5']);
    for (const { id } of made) expect(() => readWork({ body: { id }, headers: {} })).toThrow(InvalidError);
  });

  test('of a redriven event has its history', () => {
    const letter = {
      ...message({
        'Spillway-Id': 'r5',
        'Spillway-Attempts': '4',
        'Spillway-Last-Attempt': '9',
        'Spillway-First-Error': 'x',
      }),
    };
    const redriven = { seq: 9, time: new Date(), headers: redrivenHeaders(letter) };
    expect(originOf(redriven)).toEqual({
      id: 'r5',
      publishedAt: time.toISOString(),
      attempts: 4,
      lastAttempt: 9,
      redrives: 1,
      firstError: 'x',
    });
  });
});

test('redrivenHeaders keep the trace and the class, and no deadline', () => {
  const given = { traceparent: '00-1-2-01', 'x-class': 'slow', 'x-timeout-ms': '5', 'Nats-Msg-Id': 'r5' };
  const headers = new Map(redrivenHeaders(message(given)));
  expect(headers.get('traceparent')).toEqual(['00-1-2-01']);
  expect(headers.get('x-class')).toEqual(['slow']);
  expect(headers.get('x-timeout-ms')).toBeUndefined();
  expect(headers.get('Nats-Msg-Id')).toBeUndefined();
});

test('deadLetterName distinguishes dead letters of one sequence by their time', () => {
  const earlier = deadLetterName(letterWith());
  expect(deadLetterName(letterWith({ diedAt: '2026-01-02T12:00:00.001Z' }))).not.toBe(earlier);
  expect(deadLetterName(letterWith())).toBe(earlier);
});
