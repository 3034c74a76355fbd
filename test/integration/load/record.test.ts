import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { recordHeader } from '#load/protocol.ts';
import { createRecord, RecordError } from '#load/record.ts';
import { until } from '#test/support/until.ts';

const fail = (error: Error) => expect.unreachable(error.message);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'record-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('RecordFile writes every line, in order, however many', async () => {
  const file = join(folder, 'many.csv');
  const record = await createRecord(file, fail);
  for (let i = 0; i < 50_000; i++) {
    record.add(`${i},some,fields`);
    if (i % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await record.close();
  const lines = (await readFile(file, 'utf8')).split('\n');
  expect(lines[0]).toBe(recordHeader);
  expect(lines.slice(1, -1)).toEqual(Array.from({ length: 50_000 }, (_, i) => `${i},some,fields`));
  expect(lines.at(-1)).toBe('');
});

test('RecordFile reports a full disk as soon as it writes, once, and again at the end', async () => {
  const onError = vi.fn();
  const record = await createRecord('/dev/full', onError);
  record.add('x'.repeat(100_000));
  await until(() => onError.mock.calls.length > 0);
  record.add('x'.repeat(100_000));
  await expect(record.close()).rejects.toThrow(RecordError);
  await expect(record.close()).rejects.toThrow('cannot write the record /dev/full: ENOSPC');
  expect(onError).toHaveBeenCalledTimes(1);
});
