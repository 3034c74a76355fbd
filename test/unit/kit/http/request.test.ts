import { describe, expect, test } from 'vitest';
import {
  type Classes,
  classOf,
  readClass,
  readTraceparent,
  readWork,
  timeLeft,
  traceparents,
} from '#kit/http/request.ts';
import { InvalidError } from '#kit/schema/problems.ts';
import { requestId } from '#kit/wire.ts';
import { problemsOf } from '#test/support/problems.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const problemsWith = (body: unknown, headers: Record<string, string>) =>
  problemsOf(() => readWork({ body, headers }));

describe('readWork', () => {
  test('reads what the headers say', () => {
    const headers = { 'x-timeout-ms': '250', 'x-class': 'slow', 'x-attempt': '3', traceparent };
    expect(readWork({ body: { id: 'r1' }, headers })).toEqual({
      body: { id: 'r1' },
      leftMs: 250,
      class: 'slow',
      attempt: 3,
      traceparent,
    });
  });

  test.each([
    ['no id', {}, '', /field id/],
    ['an empty id', { id: '' }, '/id', /length >= 1/],
    ['an id of 129 characters', { id: 'x'.repeat(129) }, '/id', /128/],
    ['an id that would break a header', { id: 'a\r\nb' }, '/id', /matches/],
    ['a field it does not know', { id: 'r1', more: 1 }, '/more', /unknown field/],
    ['no body', undefined, '', /expected object, got nothing/],
  ])('refuses a body with %s', (_, body, pointer, message) => {
    const [problem] = problemsWith(body, {});
    expect(problem).toEqual({ pointer, message: expect.stringMatching(message) });
  });

  test.each([
    ['x-timeout-ms', 'ms, such as 250', ['', 'soon', '-1']],
    ['x-class', 'the name of a class, such as slow', ['', 'no class', 'Slow']],
    ['x-attempt', 'a number from 1 on', ['', '0', '-1', '1.5', '1e3', '0x10', 'x', '9'.repeat(10), '1, 2']],
  ])('refuses a wrong %s, and says what was expected: %s', (header, expected, wrong) => {
    for (const said of wrong)
      expect(problemsWith({ id: 'r1' }, { [header]: said })).toEqual([
        { pointer: '', header, message: `expected ${expected}, got ${JSON.stringify(said)}` },
      ]);
  });

  test('ignores an invalid traceparent', () => {
    const { traceparent: read } = readWork({ body: { id: 'r1' }, headers: { traceparent: '00-1' } });
    expect(read).toBeUndefined();
  });

  test('names all problems of the body and the headers at once', () => {
    const headers = { 'x-timeout-ms': 'soon', 'x-class': 'no class', 'x-attempt': '0' };
    const problems = problemsWith({ more: 1 }, headers);
    expect(problems.map(({ pointer, header }) => header ?? pointer)).toEqual([
      '',
      '/more',
      'x-timeout-ms',
      'x-class',
      'x-attempt',
    ]);
    expect(new InvalidError(problems.slice(2, 3)).message).toBe(
      'x-timeout-ms: expected ms, such as 250, got "soon"',
    );
  });
});

const count = 10_000;

/** Returns how many of 10,000 requests each class has. */
function tally(classes: Classes, seed = 7): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const name = classOf(classes, seed, requestId(index)) ?? 'none';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Returns three standard errors of the count of a class with this share. */
const within = (share: number) => 3 * Math.sqrt(count * share * (1 - share));

describe('classOf', () => {
  test('gives each class its share, and none to the rest', () => {
    const counts = tally({ slow: 0.05, quick: 0.6 });
    for (const [name, share] of Object.entries({ slow: 0.05, quick: 0.6, none: 0.35 }))
      expect(Math.abs(counts[name]! - count * share)).toBeLessThan(within(share));
  });

  test('leaves no request without one if the shares add up to 1', () => {
    const tenths = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`class-${i}`, 0.1]));
    expect(tally(tenths).none).toBeUndefined();
  });
});

test.each([undefined, '', 'Slow', 'a b', '-a', '5', ['slow'], 'x'.repeat(41)])(
  'readClass takes %j for no class',
  (header) => {
    expect(readClass(header)).toBeUndefined();
  },
);

const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const traceId = (traceparent: string) => traceparent.slice(3, 35);
const parentId = (traceparent: string) => traceparent.slice(36, 52);

describe('readTraceparent', () => {
  test('takes a valid one as it is', () => {
    expect(readTraceparent(valid)).toBe(valid);
  });

  test.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['came twice', [valid, valid]],
    ['came twice on one line', `${valid}, ${valid}`],
    ['has another version', valid.replace('00-', '01-')],
    ['has the version that is none', valid.replace('00-', 'ff-')],
    ['has capital letters', valid.toUpperCase()],
    ['has a trace id of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['has a parent id of zeros', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
    ['has a trace id that is too short', valid.replace('0af', '0a')],
    ['has a parent id that is too long', valid.replace('b7', 'b77')],
    ['has no flags', valid.slice(0, -3)],
    ['goes on', `${valid}-more`],
    ['ends with a new line', `${valid}\n`],
  ])('drops one that %s', (_sentence, value) => {
    expect(readTraceparent(value)).toBeUndefined();
  });
});

describe('traceparents', () => {
  test.each([0, 1, 7, -1, 2 ** 31])('are valid and differ from request to request, with seed %d', (seed) => {
    const traceparent = traceparents(seed);
    const all = Array.from({ length: 1000 }, (_, index) => traceparent(index));
    all.push(traceparent(10_000_000));
    expect(all.map(readTraceparent)).toEqual(all);
    expect(new Set(all.map(traceId)).size).toBe(1001);
    expect(new Set(all.map(parentId)).size).toBe(1001);
  });

  test('are the same for the same seed and purpose, and others for others', () => {
    const first = traceparents(1)(3);
    expect(traceparents(1)(3)).toBe(first);
    expect(traceId(traceparents(2)(3))).not.toBe(traceId(first));
    expect(traceId(traceparents()(3))).not.toBe(traceId(first));
  });
});

test.each([undefined, '', 'soon', '-1', '1e3', ' 1', 'Infinity', '9'.repeat(20), ['1', '2']])(
  'timeLeft takes %j for nothing',
  (said) => {
    expect(timeLeft(said)).toBeUndefined();
  },
);
