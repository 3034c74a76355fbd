import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEffects } from '#lab/evidence/effects.ts';
import { eachLine } from '#lab/evidence/lines.ts';
import { testFolder } from '#test/support/folder.ts';

async function linesOf(text: string): Promise<string[]> {
  const file = join(testFolder(), 'file');
  writeFileSync(file, text);
  const lines: string[] = [];
  await eachLine(file, (line) => lines.push(line));
  return lines;
}

test.each([
  ['none of an empty file', '', []],
  ['with the last one ended', 'a\nb\n', ['a', 'b']],
  ['with the last one not ended', 'a\nb', ['a', 'b']],
  ['that are empty', 'a\n\nb\n', ['a', '', 'b']],
])('eachLine takes the lines of a file, %s', async (_sentence, text, expected) => {
  expect(await linesOf(text)).toEqual(expected);
});

test('eachLine takes lines whole that are cut by the reading in chunks, characters too', async () => {
  const lines = Array.from({ length: 3 }, (_, i) => `${i}é`.repeat(50_000));
  expect(await linesOf(lines.join('\n'))).toEqual(lines);
});

test('eachLine numbers lines, and says which one has no line break', async () => {
  const file = join(testFolder(), 'file');
  writeFileSync(file, 'a\nb');
  const taken: unknown[] = [];
  await eachLine(file, (...line) => taken.push(line));
  expect(taken).toEqual([
    ['a', 1, true],
    ['b', 2, false],
  ]);
});

test('eachLine rejects with what is thrown by the taker', async () => {
  const file = join(testFolder(), 'file');
  writeFileSync(file, 'a\n');
  const refuse = () => {
    throw new Error('not this one');
  };
  await expect(eachLine(file, refuse)).rejects.toThrow('not this one');
});

test('readEffects refuses a line that is no effect, and names the file', async () => {
  const file = join(testFolder(), 'effects.ndjson');
  writeFileSync(file, '{"id":"r1"}\n');
  await expect(readEffects(file, 2)).rejects.toMatchObject({
    name: 'EvidenceError',
    message: `${file}: record 1: expected an effect, got {"id":"r1"}`,
  });
});

test('eachLine rejects with an EvidenceError if the file is missing, or a folder', async () => {
  const folder = testFolder();
  const missing = join(folder, 'missing');
  const take = () => undefined;
  await expect(eachLine(missing, take)).rejects.toThrow(`${missing}: can't be read: no such file or folder`);
  await expect(eachLine(folder, take)).rejects.toMatchObject({ name: 'EvidenceError' });
});
