import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assetFile } from '#kit/process/installation.ts';
import { withSchemaFrom } from '#lab/experiment/file/modeline.ts';
import { testFolder } from '#test/support/folder.ts';

const line = (path: string) => `# yaml-language-server: $schema=${path}\ntitle: x\n`;

test('withSchemaFrom leads to the same schema from another folder, by the shorter path', () => {
  const folder = testFolder();
  const [own, other] = [join(folder, 'own'), join(folder, 'other')];
  mkdirSync(own);
  writeFileSync(join(own, 'schema.json'), '{}');
  expect(withSchemaFrom(line('./schema.json'), own, other)).toBe(line('../own/schema.json'));
  expect(withSchemaFrom(line('./schema.json'), own, '/')).toBe(line(join(own, 'schema.json').slice(1)));
});

test("withSchemaFrom leads to Spillway's schema if there is none", () => {
  const schema = assetFile('experiments/schema.json');
  expect(withSchemaFrom(line('missing.json'), '/nowhere', '/else/where/far/away/from/it')).toBe(line(schema));
});

test('withSchemaFrom keeps a URL, and a text without a schema', () => {
  expect(withSchemaFrom(line('https://example.org/s.json'), '/a', '/b')).toBe(
    line('https://example.org/s.json'),
  );
  expect(withSchemaFrom('title: x\n', '/a', '/b')).toBe('title: x\n');
});
