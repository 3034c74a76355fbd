import { expect, test } from 'vitest';
import { integer, number as limited, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { kindTables, membersBy, optionTable } from '#lab/build/reference/tables.ts';
import { SlowMotion } from '#lab/experiment/rules.ts';
import { number } from '#lab/experiment/schema-helpers.ts';

/** Returns the cells of a table's rows, without its head. */
const cells = (table: string) =>
  table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((row) => row.slice(2, -2).split(' | '));

test('optionTable gives each option its default, its bounds and its meaning', () => {
  const schema = strict({
    ms: integer({ from: 1, to: 2000, default: 50 }, 'A time.'),
    share: limited({ above: 0, to: 1 }, 'A share.'),
    pace: SlowMotion,
    by: Type.Optional(Type.Enum(['hand', 'server'])),
    names: Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 9, default: [] }),
    note: Type.String({ default: '' }),
    inner: strict({ on: Type.Boolean({ default: false }) }, { default: {} }),
    other: strict({ left: Type.Boolean() }),
  });
  expect(cells(optionTable(schema, ['other']))).toEqual([
    ['`ms`', '`50`; integer 1–2,000', 'A time.'],
    ['`share`', 'required; 0–1, not 0', 'A share.'],
    ['`pace`', '`1`; integer 1–100 or `auto`', expect.stringContaining('Multiplies')],
    ['`by`', '`hand`, `server`', ''],
    ['`names`', '`[]`; list of 1–9: text up to 40 characters', ''],
    ['`note`', '`""`; text', ''],
    ['`inner`', '', ''],
    ['`inner.on`', '`false`; true, false', ''],
    ['`other`', 'required', ''],
  ]);
});

test('optionTable gives a default that only the description names', () => {
  const schema = strict({
    clients: Type.Optional(integer({ from: 1, to: 1000 }, 'Number of clients. Default: 1.')),
    lagMs: Type.Optional(number('How late. A share. Default: 1 % of `deadlineMs`, at least 0.5.')),
    part: Type.Optional(number('Default: not in its own sentence, at the end.')),
  });
  expect(cells(optionTable(schema)).map(([, given, meaning]) => [given, meaning])).toEqual([
    ['`1`; integer 1–1,000', 'Number of clients.'],
    ['1 % of `deadlineMs`, at least 0.5; number', 'How late. A share.'],
    ['number', 'Default: not in its own sentence, at the end.'],
  ]);
});

test('kindTables has a heading and a table for each kind, and a row for each kind below a field', () => {
  const added = tagged('kind', { fixed: strict({ ms: number('Added.') }, { description: 'The same.' }) });
  const kinds = tagged('kind', { slow: strict({ added }, { description: 'Slower.' }) });
  const text = kindTables(membersBy('kind', kinds));
  expect(text).toMatch(/^### slow\n\nSlower\.\n\n\| field/);
  expect(text).toContain('| `added.kind: fixed` |  | The same. |');
  expect(text).toContain('| `added.ms` | required; number | Added. |');
});

test('kindTables has one table of the shared options, and no section for a kind without others', () => {
  const ratio = number('A share.');
  const text = kindTables(
    [
      ['slow', strict({ ms: number('A time.'), ratio })],
      ['broken', strict({ ratio })],
    ],
    ['ratio'],
  );
  expect(text.match(/`ratio`|### \w+|`ms`/g)).toEqual(['`ratio`', '### slow', '`ms`']);
});
