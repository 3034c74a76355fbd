import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textFile } from '#lab/evidence/folder.ts';
import { eachLine } from '#lab/evidence/lines.ts';
import { testFolder } from '#test/support/folder.ts';

async function linesOf(text: string): Promise<string[]> {
  const file = join(testFolder(), 'file');
  writeFileSync(file, text);
  const lines: string[] = [];
  await eachLine(textFile(file), (line) => lines.push(line));
  return lines;
}

test('eachLine takes lines whole that are cut by the reading in chunks, characters too', async () => {
  const lines = Array.from({ length: 3 }, (_, i) => `${i}é`.repeat(50_000));
  expect(await linesOf(lines.join('\n'))).toEqual(lines);
});

test('eachLine numbers lines, and says which one has no line break', async () => {
  const file = join(testFolder(), 'file');
  writeFileSync(file, 'a\nb');
  const taken: unknown[] = [];
  await eachLine(textFile(file), (...line) => taken.push(line));
  expect(taken).toEqual([
    ['a', 1, true],
    ['b', 2, false],
  ]);
});

test('eachLine refuses a line that is too long, and does not join it again for each chunk', async () => {
  const file = join(testFolder(), 'file');
  writeFileSync(file, 'a\n');
  truncateSync(file, 300_000_000);
  await expect(eachLine(textFile(file), () => undefined)).rejects.toThrow(
    `${file}: record 2: expected at most 100,000,000 characters`,
  );
});

test('eachLine refuses a device, since one such as /dev/zero has no end', async () => {
  const file = join(testFolder(), 'file');
  symlinkSync('/dev/null', file);
  await expect(eachLine(textFile(file), () => undefined)).rejects.toThrow(`${file}: expected a regular file`);
});

test('eachLine rejects with an EvidenceError if the file is missing, or a folder', async () => {
  const folder = testFolder();
  const missing = join(folder, 'missing');
  const take = () => undefined;
  await expect(eachLine(textFile(missing), take)).rejects.toThrow(
    `${missing}: can't be read: no such file or folder`,
  );
  await expect(eachLine(textFile(folder), take)).rejects.toMatchObject({ name: 'EvidenceError' });
});
