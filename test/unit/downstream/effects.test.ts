import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Effect, EffectLog, parseEffects } from '#downstream/effects.ts';
import { testFolder } from '#test/support/folder.ts';

const effect = (id: string): Effect => ({ id, attempt: 1, atMs: 2.5, gone: false, duplicate: false });

function logFile(content?: string): string {
  const file = join(testFolder(), 'effects.ndjson');
  if (content !== undefined) writeFileSync(file, content);
  return file;
}

const idsIn = (file: string) => parseEffects(readFileSync(file, 'utf8')).map(({ id }) => id);

test('EffectLog.commit resolves when the line is in the file', async () => {
  const log = new EffectLog(logFile());
  await log.commit(effect('r1'));
  expect(parseEffects(readFileSync(log.file, 'utf8'))).toEqual([effect('r1')]);
  log.close();
});

test('EffectLog writes what is due together in one go, in order', async () => {
  const log = new EffectLog(logFile());
  const ids = Array.from({ length: 1000 }, (_, i) => `r${i}`);
  const commits = ids.map((id) => log.commit(effect(id)));
  expect(readFileSync(log.file, 'utf8')).toBe('');
  const [first] = commits;
  await first;
  expect(idsIn(log.file)).toEqual(ids);
  await Promise.all(commits);
  log.close();
});

test('EffectLog knows the ids it has, those about to be written included', async () => {
  const log = new EffectLog(logFile());
  expect(log.has('r1')).toBe(false);
  const commit = log.commit(effect('r1'));
  expect(log.has('r1')).toBe(true);
  await commit;
  expect(log.has('r1')).toBe(true);
  expect(log.has('r2')).toBe(false);
  log.close();
});

test('EffectLog survives reopening, and appends', async () => {
  const file = logFile();
  const before = new EffectLog(file);
  await before.commit(effect('r1'));
  before.close();
  const after = new EffectLog(file);
  expect(after.has('r1')).toBe(true);
  await after.commit(effect('r2'));
  after.close();
  expect(idsIn(file)).toEqual(['r1', 'r2']);
});

test('EffectLog.close writes what is waiting', async () => {
  const log = new EffectLog(logFile());
  const commit = log.commit(effect('r1'));
  log.close();
  await commit;
  expect(idsIn(log.file)).toEqual(['r1']);
});

test('EffectLog drops a last line that a crash cut short, and the next one is not glued to it', async () => {
  const file = logFile(`${JSON.stringify(effect('r1'))}\n${JSON.stringify(effect('r2')).slice(0, -5)}`);
  const log = new EffectLog(file);
  expect([log.has('r1'), log.has('r2')]).toEqual([true, false]);
  await log.commit(effect('r2'));
  await log.commit(effect('r3'));
  log.close();
  expect(idsIn(file)).toEqual(['r1', 'r2', 'r3']);
});

test.each([
  ['no line', '', []],
  ['half a line', '{"id":"r1"', []],
  ['whole lines', '{"id":"r1"}\n{"id":"r2"}\n', ['r1', 'r2']],
  ['a whole line and a half', '{"id":"r1"}\n{"id":"r2"', ['r1']],
])('parseEffects reads %s', (_sentence, text, ids) => {
  expect(parseEffects(text).map(({ id }) => id)).toEqual(ids);
});

describe('EffectLog.clear', () => {
  test('forgets everything, and the log goes on from its beginning', async () => {
    const log = new EffectLog(logFile());
    await log.commit(effect('r1'));
    log.clear();
    expect(log.has('r1')).toBe(false);
    expect(idsIn(log.file)).toEqual([]);
    await log.commit(effect('r2'));
    log.close();
    expect(idsIn(log.file)).toEqual(['r2']);
  });

  test('settles what is waiting before', async () => {
    const log = new EffectLog(logFile());
    const commit = log.commit(effect('r1'));
    log.clear();
    await commit;
    expect(log.has('r1')).toBe(false);
    log.close();
  });
});

describe('EffectLog on a full disk', () => {
  test('rejects all that are written together, and has none of them', async () => {
    const log = new EffectLog('/dev/full');
    const commits = ['r1', 'r2'].map((id) => log.commit(effect(id)));
    const repeated = log.written();
    for (const end of [...commits, repeated]) await expect(end).rejects.toMatchObject({ code: 'ENOSPC' });
    expect([log.has('r1'), log.has('r2')]).toEqual([false, false]);
    log.close();
  });

  test('of which nobody waits for the answer is no unhandled rejection', async () => {
    const log = new EffectLog('/dev/full');
    void log.commit(effect('r1')).catch(() => undefined);
    log.close();
    await expect(log.written()).resolves.toBeUndefined();
  });
});

test('EffectLog refuses a file that holds something else', () => {
  const file = logFile();
  appendFileSync(file, 'hello\n');
  expect(() => new EffectLog(file)).toThrow(SyntaxError);
});
