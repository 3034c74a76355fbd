import { expect, test } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { Storage, StorageError } from '#kit/process/storage.ts';
import { silent } from '#test/support/serve.ts';

const full = new StorageError('disk-full', 'the log is full');

function rig() {
  const metrics = new Metrics();
  const failures = async (reason: string) =>
    (await metrics.text()).match(new RegExp(`_failures_total{reason="${reason}"} (\\d+)`))?.[1];
  return { storage: new Storage(metrics, silent), failures };
}

test.each([
  ['ENOSPC', 'disk-full', "the log can't be written: no space left on the disk"],
  ['EDQUOT', 'disk-full', "the log can't be written: no space left in the quota"],
  ['EIO', 'disk', "the log can't be written: EIO: i/o error"],
])('StorageError.ofFile of %s is %s', (code, reason, message) => {
  const cause = Object.assign(new Error('EIO: i/o error'), { code });
  expect(StorageError.ofFile('the log', cause)).toMatchObject({ reason, message, cause });
});

test('Storage is failing from an error until the next success, and counts errors by reason', async () => {
  const { storage, failures } = rig();
  expect(storage.broken).toBeUndefined();
  storage.failed(full);
  storage.failed(new StorageError('disk', 'the log is gone'));
  expect(storage.broken).toBe('the log is gone');
  expect([await failures('disk-full'), await failures('disk')]).toEqual(['1', '1']);
  storage.stored();
  expect(storage.broken).toBeUndefined();
  expect(await failures('disk-full')).toBe('1');
});

test('Storage.following passes on the end of an attempt, and records a failure', async () => {
  const { storage } = rig();
  await expect(storage.following(Promise.reject(full))).rejects.toBe(full);
  expect(storage.broken).toBe('the log is full');
  expect(await storage.following(Promise.resolve(7))).toBe(7);
  expect(storage.broken).toBeUndefined();
});
