import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolders } from '#kit/process/fs-errors.ts';
import { isDiskFull, refusalOf } from '#kit/system-errors.ts';
import { testFolder } from '#test/support/folder.ts';

const file = import.meta.filename;

test.each<[string, () => unknown, string]>([
  ['what is not there', () => readFileSync('/no/such/file'), 'no such file or folder'],
  ['a folder as a file', () => readFileSync(import.meta.dirname), 'it is a folder'],
  ['a file as a folder', () => readdirSync(file), 'it is a file, or below one'],
  ['what is below a file', () => readFileSync(join(file, 'x')), 'it is a file, or below one'],
  ['a long name', () => readFileSync('x'.repeat(300)), 'its name is too long'],
  ['a folder of the system', () => mkdirSync('/proc/x'), 'no such file or folder'],
])('refusalOf says why not, of %s', (_what, refused, words) => {
  expect(wordsOf(refused)).toBe(words);
});

test('isDiskFull knows a disk without space from other refusals', () => {
  const refused = (file: string) => () => writeFileSync(file, 'x');
  expect(errorOf(refused('/dev/full'))).toSatisfy(isDiskFull);
  expect(errorOf(refused('/'))).not.toSatisfy(isDiskFull);
  expect(isDiskFull(undefined)).toBe(false);
});

test('createFolders creates missing folders, and takes existing ones', () => {
  const folder = join(testFolder(), 'a/b');
  createFolders(folder);
  createFolders(folder);
  expect(existsSync(folder)).toBe(true);
});

test('createFolders throws the error of the first folder that can’t be created', () => {
  expect(errorOf(() => createFolders('/proc/a/b'))).toMatchObject({ code: 'ENOENT', path: '/proc/a' });
});

const wordsOf = (refused: () => unknown): string => refusalOf(errorOf(refused));

function errorOf(refused: () => unknown): unknown {
  try {
    refused();
  } catch (error) {
    return error;
  }
  throw new Error('expected a refusal');
}
