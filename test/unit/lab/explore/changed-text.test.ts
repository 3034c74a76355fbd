import { expect, test } from 'vitest';
import { changedText } from '#lab/explore/changed-text.ts';
import { openSubject } from '#lab/explore/subject.ts';

const command = "spillway tune two.yaml --require 'goodput(one)\n> 0.9'";

const two = `title: Two
deadlineMs: 1000
load: [{ arrivals: { kind: constant, ratePerSecond: 5, forMs: 100 } }]
variants:
  one:
    path: rpc
    description: At most 5 ms.
    policies: [timeout: { ms: 5 }]
  other: { path: rpc }
`;

function changed(
  path: string,
  value: number,
  {
    head = '',
    by = 'tune' as const,
    seed = undefined as number | undefined,
    file = '/nowhere/two.yaml',
  } = {},
) {
  const subject = openSubject({ text: { name: 'two', file, source: head + two } });
  const fields = [subject.field(path, '--vary')];
  return changedText(subject, {
    by,
    command,
    folder: '/elsewhere',
    fields,
    point: [value],
    ...(seed !== undefined && { seed }),
  });
}

test('changedText lists the change in a comment and in the description of its variant', () => {
  const path = 'variants.one.policies.timeout.ms';
  expect(changed(path, 7)).toBe(
    `# Changed by \`spillway tune two.yaml --require 'goodput(one) > 0.9'\`:
#   ${path} is 7, and was 5
${two
  .replace('{ ms: 5 }', '{ ms: 7 }')
  .replace('At most 5 ms.', `"At most 5 ms. Changed by tune: ${path} is 7, and was 5."`)}`,
  );
});

test('changedText leaves the descriptions if a change concerns all variants, and names a field that was missing', () => {
  const text = changed('load[0].arrivals.ratePerSecond', 6);
  expect(text).toContain('description: At most 5 ms.\n');
  expect(changed('variants.one.callers', 6)).toContain('#   variants.one.callers is 6, and was not set\n');
});

test('changedText changes nothing at the value of the file, but the seed', () => {
  expect(changed('deadlineMs', 1000)).toBe(two);
  expect(changed('deadlineMs', 900, { seed: 3 })).toMatch(
    /^# {3}deadlineMs is 900, and was 1000\n# {3}seed is 3$/m,
  );
});

test('changedText keeps the comment that names the schema first, with a path that leads to it', () => {
  const line = '# yaml-language-server: $schema=';
  const experiments = new URL('../../../../experiments/', import.meta.url).pathname;
  const first = (schema: string, file?: string) =>
    changed('deadlineMs', 900, { head: `${line}${schema}\n`, ...(file !== undefined && { file }) })
      .split('\n')
      .slice(0, 2);
  const own = `${line}${experiments}schema.json`;
  expect(first('./schema.json', `${experiments}05-metastable.yaml`)).toEqual([
    own,
    "# Changed by `spillway tune two.yaml --require 'goodput(one) > 0.9'`:",
  ]);
  expect(first('./schema.json')[0]).toBe(own);
  expect(first('https://example.org/schema.json')[0]).toBe(`${line}https://example.org/schema.json`);
});
