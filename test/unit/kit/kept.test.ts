import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keep, readKept } from '#kit/kept.ts';
import { testFolder } from '#test/support/folder.ts';

test('readKept reads what keep has kept last, and nothing else is left in the folder', () => {
  const folder = testFolder();
  const file = join(folder, 'config.json');
  expect(readKept(file)).toBeUndefined();
  keep(file, { concurrency: 3 });
  keep(file, { concurrency: 4 });
  expect(readKept(file)).toEqual({ concurrency: 4 });
  expect(readdirSync(folder)).toEqual(['config.json']);
});

test('readKept refuses what is no JSON, and names the file', () => {
  const file = join(testFolder(), 'config.json');
  writeFileSync(file, '{');
  expect(() => readKept(file)).toThrow(`CONFIG_FILE: ${file} can't be read: `);
});
