import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EffectLog } from '#downstream/effects.ts';
import type { Effect } from '#kit/wire.ts';
import { parseEffects } from '#test/support/effects.ts';
import { testFolder } from '#test/support/folder.ts';

const effect = (id: string): Effect => ({ id, attempt: 1, atMs: 2.5, gone: false, duplicate: false });

function logFile(content?: string): string {
  const file = join(testFolder(), 'effects.ndjson');
  if (content !== undefined) writeFileSync(file, content);
  return file;
}

const idsIn = (file: string) => parseEffects(readFileSync(file, 'utf8')).map(({ id }) => id);

test('EffectLog.commit has the line in the file when it returns', () => {
  const log = new EffectLog(logFile());
  log.commit(effect('r1'));
  expect(parseEffects(readFileSync(log.file, 'utf8'))).toEqual([effect('r1')]);
  log.commit(effect('r2'));
  expect(idsIn(log.file)).toEqual(['r1', 'r2']);
  log.close();
});

test('EffectLog knows the ids it has', () => {
  const log = new EffectLog(logFile());
  expect(log.has('r1')).toBe(false);
  log.commit(effect('r1'));
  expect([log.has('r1'), log.has('r2')]).toEqual([true, false]);
  log.close();
});

test('EffectLog survives reopening, and appends', () => {
  const file = logFile();
  const before = new EffectLog(file);
  before.commit(effect('r1'));
  before.close();
  const after = new EffectLog(file);
  expect(after.has('r1')).toBe(true);
  after.commit(effect('r2'));
  after.close();
  expect(idsIn(file)).toEqual(['r1', 'r2']);
});

test('EffectLog drops a last line that a crash cut short, and the next one is not glued to it', () => {
  const file = logFile(`${JSON.stringify(effect('r1'))}\n${JSON.stringify(effect('r2')).slice(0, -5)}`);
  const log = new EffectLog(file);
  expect([log.has('r1'), log.has('r2')]).toEqual([true, false]);
  log.commit(effect('r2'));
  log.commit(effect('r3'));
  log.close();
  expect(idsIn(file)).toEqual(['r1', 'r2', 'r3']);
});

test.each([
  ['no line', '', []],
  ['half a line', '{"id":"r1"', []],
  ['whole lines', '{"id":"r1"}\n{"id":"r2"}\n', ['r1', 'r2']],
  ['a whole line and a half', '{"id":"r1"}\n{"id":"r2"', ['r1']],
  ['lines longer than a piece read', `{"id":"r1","x":"${'é'.repeat(50_000)}"}\n{"id":"r2"}\n{`, ['r1', 'r2']],
])('EffectLog takes over %s', (_sentence, text, ids) => {
  const log = new EffectLog(logFile(text));
  expect(['r1', 'r2'].filter((id) => log.has(id))).toEqual(ids);
  log.commit(effect('r3'));
  log.close();
  expect(idsIn(log.file)).toEqual([...ids, 'r3']);
});

test('EffectLog.clear forgets everything, and the log goes on from its beginning', () => {
  const log = new EffectLog(logFile());
  log.commit(effect('r1'));
  log.clear();
  expect(log.has('r1')).toBe(false);
  expect(idsIn(log.file)).toEqual([]);
  log.commit(effect('r2'));
  log.close();
  expect(idsIn(log.file)).toEqual(['r2']);
});

test('EffectLog.commit throws StorageError on a full disk, and there is no effect', () => {
  const log = new EffectLog('/dev/full');
  expect(() => log.commit(effect('r1'))).toThrow(expect.objectContaining({ reason: 'disk-full' }));
  expect(log.has('r1')).toBe(false);
  log.close();
});

test('EffectLog refuses a file that holds something else, by its name', () => {
  const file = logFile();
  appendFileSync(file, 'hello\n');
  expect(() => new EffectLog(file)).toThrow(`the effect log ${file} holds something else`);
});

/** Limit of the log's size: two lines. */
const bytesMax = 2 * Buffer.byteLength(`${JSON.stringify(effect('r1'))}\n`);

test('EffectLog forgets a full file, and the ids of the file before', () => {
  const log = new EffectLog(logFile(), bytesMax);
  for (const id of ['r1', 'r2']) log.commit(effect(id));
  expect([log.forgotten, idsIn(log.file)]).toEqual([0, ['r1', 'r2']]);
  log.commit(effect('r3'));
  expect([log.forgotten, idsIn(log.file)]).toEqual([2, ['r3']]);
  expect(['r1', 'r2', 'r3'].map((id) => log.has(id))).toEqual([true, true, true]);
  for (const id of ['r4', 'r5']) log.commit(effect(id));
  expect(['r2', 'r3', 'r4'].map((id) => log.has(id))).toEqual([false, true, true]);
  log.close();
});

test.each([
  ['a folder', '.', 'it is a folder'],
  ['in a folder that is not there', 'nowhere/effects.ndjson', 'no such file or folder'],
])('EffectLog says in plain words why it can not be %s', (_, name, why) => {
  const file = join(testFolder(), name);
  expect(() => new EffectLog(file)).toThrow(`the effect log ${file} can't be written: ${why}`);
});
