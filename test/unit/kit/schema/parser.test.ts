import { expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { problemsOf } from '#test/support/problems.ts';

const Range = strict({ fromMs: Type.Integer({ default: 0 }), toMs: Type.Integer() });
const schema = strict({
  seed: Type.Integer({ default: 1 }),
  limit: Type.Integer({ default: 5 }),
  ranges: Type.Array(Range, { default: [] }),
});

const parse = parser(schema, ({ limit = Infinity, ranges = [] }) =>
  ranges.flatMap((range, index) => [
    ...(range && range.toMs < range.fromMs
      ? [{ pointer: `/ranges/${index}/toMs`, message: 'expected later' }]
      : []),
    ...(range && range.toMs > limit
      ? [{ pointer: `/ranges/${index}/toMs`, message: 'expected sooner' }]
      : []),
  ]),
);

const pointers = (value: unknown) => problemsOf(() => parse(value)).map(({ pointer }) => pointer);

test('parser returns a copy with the defaults filled in', () => {
  const value = { ranges: [{ toMs: 2 }] };
  expect(parse(value)).toEqual({ seed: 1, limit: 5, ranges: [{ fromMs: 0, toMs: 2 }] });
  expect(value).toEqual({ ranges: [{ toMs: 2 }] });
});

test.each([
  ['what the schema refuses', { seed: 'x', more: 1 }, ['/more', '/seed']],
  ['contradictions', { ranges: [{ fromMs: 2, toMs: 1 }, { toMs: 6 }] }, ['/ranges/0/toMs', '/ranges/1/toMs']],
  ['both, in other fields', { seed: 'x', ranges: [{ toMs: 6 }] }, ['/seed', '/ranges/0/toMs']],
  ['both, in other entries', { ranges: [{ toMs: 'x' }, { toMs: 6 }] }, ['/ranges/0/toMs', '/ranges/1/toMs']],
  [
    'no contradiction with a default in place of a refused value',
    { limit: 'x', ranges: [{ toMs: 6 }] },
    ['/limit'],
  ],
  ['no contradiction within a refused entry', { ranges: [{ more: 1, toMs: 6 }] }, ['/ranges/0/more']],
  ['what is no object', null, ['']],
  ['a text', 'x', ['']],
  ['nothing', undefined, ['']],
])('parser names %s', (_sentence, value, expected) => {
  expect(pointers(value)).toEqual(expected);
});
