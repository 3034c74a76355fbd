import { expect, test } from 'vitest';
import { parser } from '#kit/schema.ts';
import { WorkBody } from '#kit/work.ts';

const parse = parser(WorkBody);

test.each([[{ id: 'r1' }], [{ id: 'a.b_C:7-x', payload: { any: ['JSON'] } }], [{ id: 'x'.repeat(128) }]])(
  'WorkBody takes %j',
  (body) => {
    expect(parse(body)).toEqual(body);
  },
);

test.each([
  ['no id', {}, /field id/],
  ['an empty id', { id: '' }, /id/],
  ['an id of 129 characters', { id: 'x'.repeat(129) }, /id/],
  ['an id that would break a header', { id: 'a\r\nb' }, /id/],
  ['a field it does not know', { id: 'r1', more: 1 }, /more: unknown field/],
])('WorkBody refuses %s', (_, body, message) => {
  expect(() => parse(body)).toThrow(message);
});
