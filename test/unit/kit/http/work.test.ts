import { describe, expect, test } from 'vitest';
import { readWork } from '#kit/http/work.ts';
import { InvalidError } from '#kit/schema/problems.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function problemsWith(body: unknown, headers: Record<string, string>) {
  try {
    readWork({ body, headers });
  } catch (error) {
    if (error instanceof InvalidError) return error.problems;
    throw error;
  }
  return [];
}

describe('readWork', () => {
  test.each([[{ id: 'r1' }], [{ id: 'a.b_C:7-x', payload: { any: ['JSON'] } }], [{ id: 'x'.repeat(128) }]])(
    'takes the body %j, and no header for nothing',
    (body) => {
      expect(readWork({ body, headers: {} })).toEqual({ body });
    },
  );

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
    ['an empty id', { id: '' }, '/id', /empty/],
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
