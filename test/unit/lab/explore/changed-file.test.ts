import { expect, test } from 'vitest';
import { changedText, differing } from '#lab/explore/changed-file.ts';
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

function changed(path: string, value: number, { head = '', file = '/nowhere/two.yaml' } = {}) {
  const { file: text, field } = openSubject({ text: { name: 'two', file, source: head + two } });
  return changedText('/elsewhere', text, { command, ...differing([field(path, '--vary')], [value]) });
}

test('changedText lists the change in a comment', () => {
  const path = 'variants.one.policies.timeout.ms';
  expect(changed(path, 7)).toBe(
    `# Changed by \`spillway tune two.yaml --require 'goodput(one) > 0.9'\`:
#   ${path} is 7, and was 5
${two.replace('{ ms: 5 }', '{ ms: 7 }')}`,
  );
});

test('changedText names a field that was missing, and changes nothing at the value of the file', () => {
  expect(changed('variants.one.callers', 6)).toContain('#   variants.one.callers is 6, and was not set\n');
  expect(changed('deadlineMs', 1000)).toBe(two);
});

test('changedText keeps the comment that names the schema first, with a path that leads to it', () => {
  const line = '# yaml-language-server: $schema=';
  const experiments = new URL('../../../../experiments/', import.meta.url).pathname;
  const first = (schema: string, file = '/nowhere/two.yaml') =>
    changed('deadlineMs', 900, { head: `${line}${schema}\n`, file })
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
