import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readConfigFile, storeConfig } from '#kit/process/config-file.ts';
import { StorageError } from '#kit/process/storage.ts';
import { testFolder } from '#test/support/folder.ts';

const applied = async () => undefined;

test('readConfigFile reads what storeConfig stored last, and nothing else is left in the folder', async () => {
  const folder = testFolder();
  const file = join(folder, 'config.json');
  expect(readConfigFile(file, '{}')).toBeUndefined();
  for (const concurrency of [3, 4])
    await storeConfig(file, { initial: '{}', config: { concurrency } }, applied);
  expect(readConfigFile(file, '{}')).toEqual({ concurrency: 4 });
  expect(readdirSync(folder)).toEqual(['config.json']);
});

test('storeConfig applies nothing that it can not store, and stores nothing that is not applied', async () => {
  const folder = testFolder();
  const apply = vi.fn(applied);
  await expect(
    storeConfig(join(folder, 'nowhere', 'config.json'), { initial: '{}', config: {} }, apply),
  ).rejects.toThrow(StorageError);
  expect(apply).not.toHaveBeenCalled();
  const file = join(folder, 'config.json');
  await storeConfig(file, { initial: '{}', config: { concurrency: 3 } }, applied);
  const refused = storeConfig(file, { initial: '{}', config: { concurrency: 4 } }, async () => {
    throw new Error('no broker');
  });
  await expect(refused).rejects.toThrow('no broker');
  expect(readConfigFile(file, '{}')).toEqual({ concurrency: 3 });
  expect(readdirSync(folder)).toEqual(['config.json']);
});

test('readConfigFile ignores what was stored beside another initial configuration', async () => {
  const file = join(testFolder(), 'config.json');
  await storeConfig(file, { initial: '{}', config: { concurrency: 3 } }, applied);
  expect(readConfigFile(file, '{"concurrency":5}')).toBeUndefined();
});

test('readConfigFile refuses invalid JSON, and names the file', () => {
  const file = join(testFolder(), 'config.json');
  writeFileSync(file, '{');
  expect(() => readConfigFile(file, '{}')).toThrow(`CONFIG_FILE: ${file} is not JSON: `);
});
