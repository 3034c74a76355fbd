import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRunFolder, folderOf, readResult } from '#lab/conduct/run-folder.ts';
import { writeResult } from '#lab/show/files.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { testFolder } from '#test/support/folder.ts';

const at = new Date('2026-11-25T01:02:03.456Z');

test('createRunFolder names it by experiment, time and seed, and never reuses one', () => {
  const out = testFolder();
  expect(createRunFolder(out, '01-burst', 7, at)).toBe(join(out, '01-burst', '20261125T010203Z-7'));
  expect(createRunFolder(out, '01-burst', 7, at)).toBe(join(out, '01-burst', '20261125T010203Z-7-2'));
});

test.each([
  ['a file', 'file', 'file/x'],
  ['in a file', 'file/out', 'file/out'],
  ['deep in a file', 'file/out/deeper', 'file/out'],
])('createRunFolder says why it can not, and where: --out is %s', (_, out, where) => {
  const folder = testFolder();
  writeFileSync(join(folder, 'file'), '');
  const message = new RegExp(
    `^cannot create ${join(folder, where)}: it is a file, or below one; name a folder that can be written with --out`,
  );
  expect(() => createRunFolder(join(folder, out), 'x', 7, at)).toThrow(message);
});

test('writeResult names a file that can not be replaced as an error of the input', async () => {
  const folder = testFolder();
  mkdirSync(join(folder, 'report.html'));
  await expect(writeResult(folder, makeResult())).rejects.toMatchObject({
    name: 'RunFolderError',
    message: `cannot write ${join(folder, 'report.html')}: it is a folder`,
  });
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('writeResult writes what readResult reads', async () => {
  const folder = testFolder();
  const result = makeResult();
  await writeResult(folder, result);
  expect(await readResult(folder)).toEqual(JSON.parse(JSON.stringify(result)));
  expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('<testsuite');
  expect(readFileSync(join(folder, 'figures.csv'), 'utf8')).toMatch(
    /^round,variant,.*\r\n,rpc-guarded,,goodput,,measured,0\.\d+,/,
  );
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('<!doctype html>');
});

test('writeResult on a full disk is a named error and leaves no half of a file', async () => {
  const folder = testFolder();
  symlinkSync('/dev/full', join(folder, 'result.json.part'));
  await expect(writeResult(folder, makeResult())).rejects.toMatchObject({
    name: 'disk-full',
    message: expect.stringContaining('no space left'),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('folderOf takes the folder of a run, or a file in it', () => {
  const folder = testFolder();
  const file = join(folder, 'report.html');
  writeFileSync(file, '');
  expect([folder, file].map(folderOf)).toEqual([folder, folder]);
  expect(() => folderOf(join(file, 'x'))).toThrow(
    'report.html/x is not the folder of a run: it is a file, or below one; expected one such as runs/01-burst/',
  );
});

const whole = JSON.stringify(makeResult({ variants: 1, points: 2 }));

test.each([
  ['nothing', undefined, /result\.json: can't be read: no such file/],
  ['something else', 'hello', /result\.json: expected JSON: .*hello/],
  [
    'another version',
    '{"version":3}',
    /result\.json: expected a result of version 2, got 3: .*newer Spillway/,
  ],
  ['null', 'null', /expected a result of version 2, got none$/],
  ['only a version', '{"version":2}', /result\.json: missing required field spillway; and \d+ more like it$/],
  [
    'a variant with a misspelt ledger',
    whole.replace('"ledger"', '"lodger"'),
    /result\.json: \/variants\/0\/lodger: unknown field, did you mean ledger\?$/,
  ],
  [
    'a text for a number',
    whole.replace(/"value":[\d.]+/, '"value":"<b>"'),
    /result\.json: \/figures\/0\/value: expected a number or null, got "<b>"$/,
  ],
  [
    'a hypothesis that is none',
    whole.replace(/(?<="hypotheses":\[\{"text":")[^"]+/, 'goodput(calls) >'),
    /result\.json: \/hypotheses\/0\/text: column \d+: expected/,
  ],
])('readResult refuses a folder that holds %s', async (_, text, message) => {
  const folder = join(testFolder(), 'run');
  mkdirSync(folder);
  if (text !== undefined) writeFileSync(join(folder, 'result.json'), text);
  await expect(readResult(folder)).rejects.toThrow(message);
});

test('readResult refuses a device, since one such as /dev/zero has no end', async () => {
  const folder = testFolder();
  symlinkSync('/dev/null', join(folder, 'result.json'));
  await expect(readResult(folder)).rejects.toThrow(/result\.json: expected a regular file$/);
});

test('readResult shows control characters instead of passing them on', async () => {
  const folder = testFolder();
  const result = makeResult({ status: 'error', variants: 1 });
  const { experiment } = result;
  const title = 'A \u001b]0;burst\u0007\u009b31m';
  await writeResult(folder, { ...result, experiment: { ...experiment, title } });
  const read = await readResult(folder);
  expect(read.experiment.title).toBe('A \\u001b]0;burst\\u0007\\u009b31m');
  expect(read.experiment.description).toBe(experiment.description);
});
