import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RunRecord, VariantRecord } from '#lab/evidence/format.ts';
import { recordHeader } from '#load/protocol.ts';

const page = readFileSync(
  fileURLToPath(new URL('../../../../docs/reference/evidence.md', import.meta.url)),
  'utf8',
);

interface Member {
  readonly properties: Readonly<Record<string, { readonly const?: string }>>;
}

test.each([
  ['a run', RunRecord],
  ['a variant', VariantRecord],
])('docs/reference/evidence.md has a row for each record of %s, with its fields', (of, schema) => {
  const section = page.split(`### Records of ${of}\n`)[1]!.split(/^#/m)[0]!;
  for (const { properties } of (schema as unknown as { oneOf: Member[] }).oneOf) {
    const { record, ...fields } = properties;
    const row = section.split('\n').find((line) => line.startsWith(`| \`${record!.const}\` |`)) ?? '';
    const counts = row.includes('| counts,') ? ['elapsedMs', 'offered', 'inFlight', 'outcomes'] : [];
    const missing = Object.keys(fields).filter(
      (name) => !row.includes(`\`${name}\``) && !counts.includes(name),
    );
    expect([record!.const, row !== '', missing]).toEqual([record!.const, true, []]);
  }
});

test('docs/reference/evidence.md names the columns of requests.csv', () => {
  const row = page.split('\n').find((line) => line.includes('requests.csv` |'));
  expect(recordHeader.split(',').filter((name) => !row?.includes(`\`${name}\``))).toEqual([]);
});
