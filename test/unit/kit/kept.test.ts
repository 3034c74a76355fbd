import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keep, readKept } from '#kit/kept.ts';
import { testFolder } from '#test/support/folder.ts';

test('readKept reads what keep has kept last, and nothing else is left in the folder', () => {
  const folder = testFolder();
  const file = join(folder, 'config.json');
  expect(readKept(file, '{}')).toBeUndefined();
  for (const concurrency of [3, 4]) keep(file, { initial: '{}', config: { concurrency } });
  expect(readKept(file, '{}')).toEqual({ concurrency: 4 });
  expect(readdirSync(folder)).toEqual(['config.json']);
});

test('readKept leaves what was kept beside another configuration to start with', () => {
  const file = join(testFolder(), 'config.json');
  keep(file, { initial: '{}', config: { concurrency: 3 } });
  expect(readKept(file, '{"concurrency":5}')).toBeUndefined();
});

test('readKept refuses what is no JSON, and names the file', () => {
  const file = join(testFolder(), 'config.json');
  writeFileSync(file, '{');
  expect(() => readKept(file, '{}')).toThrow(`CONFIG_FILE: ${file} is not JSON: `);
});

test('readKept finds nothing kept in JSON of another kind', () => {
  const file = join(testFolder(), 'config.json');
  writeFileSync(file, 'null');
  expect(readKept(file, '{}')).toBeUndefined();
});

test('readKept and keep say in plain words what the system refuses', () => {
  const folder = testFolder();
  expect(() => readKept(folder, '{}')).toThrow(`CONFIG_FILE: ${folder} can't be read: it is a folder`);
  const file = join(folder, 'nowhere', 'config.json');
  expect(() => keep(file, { initial: '{}', config: {} })).toThrow(
    expect.objectContaining({
      name: 'StorageError',
      message: `CONFIG_FILE: ${file} can't be written: no such file or folder`,
    }),
  );
});
