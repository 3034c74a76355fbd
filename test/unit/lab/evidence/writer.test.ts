import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFile } from '#lab/evidence/folder.ts';
import { writerTo } from '#lab/evidence/writer.ts';
import { testFolder } from '#test/support/folder.ts';

test('writerTo has each record in the file as soon as it is written, a line each', () => {
  const file = join(testFolder(), 'evidence.ndjson');
  const writer = writerTo<{ record: string; n?: number }>(createFile(file));
  writer.write({ record: 'a', n: Number.NaN });
  expect(readFileSync(file, 'utf8')).toBe('{"record":"a","n":null}\n');
  writer.write({ record: 'b' });
  expect(readFileSync(file, 'utf8')).toBe('{"record":"a","n":null}\n{"record":"b"}\n');
  writer.close();
});

test('writerTo with waitingMax writes records together, and the last ones at flush and close', () => {
  const file = join(testFolder(), 'evidence.ndjson');
  const writer = writerTo(createFile(file), 20);
  writer.write({ record: 'a' });
  expect(existsSync(file)).toBe(false);
  writer.write({ record: 'b' });
  expect(readFileSync(file, 'utf8')).toBe('{"record":"a"}\n{"record":"b"}\n');
  writer.write({ record: 'c' });
  writer.flush();
  expect(readFileSync(file, 'utf8')).toBe('{"record":"a"}\n{"record":"b"}\n{"record":"c"}\n');
  writer.write({ record: 'd' });
  writer.close();
  expect(readFileSync(file, 'utf8')).toMatch(/\{"record":"d"\}\n$/);
});

test('writerTo(…).failed rejects when the disk is full, and nothing is thrown where a record was written', async () => {
  const file = join(testFolder(), 'evidence.ndjson');
  symlinkSync('/dev/full', file);
  const writer = writerTo(createFile(file));
  writer.write({ record: 'a' });
  writer.write({ record: 'b' });
  await expect(writer.failed).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(() => writer.flush()).toThrow('ENOSPC');
  writer.close();
});
