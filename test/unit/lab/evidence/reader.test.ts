import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { storeIn, variantFolder } from '#lab/evidence/folder.ts';
import { evidenceFile } from '#lab/evidence/format.ts';
import { checksumOf, readRun } from '#lab/evidence/read-run.ts';
import { stored, writeRun } from '#test/fixtures/evidence.ts';
import { testFolder } from '#test/support/folder.ts';
import { truthful } from '../judge/ledger/truthful.ts';

/**
 * Writes the evidence of a run with the variant `event`, and returns its folder. `change` edits the lines of the run's
 * or the variant's file. If the last line ends in `¦`, the file gets no line break at its end.
 */
function changed(of: 'run' | 'event', change: (lines: string[]) => string[]): string {
  const folder = testFolder();
  writeRun(folder, [truthful('event', ['ok', 'dead'])]);
  const file = join(of === 'run' ? folder : variantFolder(folder, of), evidenceFile);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const text = change(lines).join('\n');
  writeFileSync(file, text.endsWith('¦') ? text.slice(0, -1) : `${text}\n`);
  return folder;
}

const line = (number: number, change: (line: string) => string) => (lines: string[]) =>
  lines.with(number - 1, change(lines[number - 1]!));
/** Removes the last characters of the last record, and the line break after it. */
const cutOff = (lines: string[]) => [...lines.slice(0, -1), `${lines.at(-1)!.slice(0, -3)}¦`];

test('readRun reads all records', async () => {
  const { records } = await readRun(changed('run', (lines) => lines));
  expect(records.map(({ record }) => record)).toEqual(['run', 'testbed', 'variant', 'complete', 'end']);
});

test('readRun leaves out the record that a killed lab has not finished', async () => {
  const { records } = await readRun(changed('run', cutOff));
  expect(records.map(({ record }) => record)).toEqual(['run', 'testbed', 'variant', 'complete']);
});

test('readRun refuses records that differ from their checksum', async () => {
  const { records } = await readRun(changed('run', (lines) => lines));
  const checksum = checksumOf(records.slice(0, -1));
  const withChecksum = (lines: string[]) =>
    line(lines.length, (end) => JSON.stringify({ ...JSON.parse(end), checksum }))(lines);
  expect((await readRun(changed('run', withChecksum))).records).toHaveLength(records.length);
  const faster = line(1, (run) => run.replace(/"ratePerSecond":/, '$&1'));
  await expect(readRun(changed('run', (lines) => faster(withChecksum(lines))))).rejects.toThrow(
    'expected records as the run wrote them',
  );
});

test('readVariant reads all records of a variant', async () => {
  const folder = changed('event', (lines) => lines);
  const evidence = await storeIn(variantFolder(folder, 'event')).records(stored.experiment, 'event');
  expect(evidence.scrapes).toHaveLength(8);
  expect(evidence.remains?.dead).toEqual([1]);
  expect(evidence.summary.planned).toBe(2);
});

const replaced = (number: number, before: string, after: string) =>
  line(number, (text) => text.replace(before, after));

test.each<[string, Parameters<typeof changed>, RegExp]>([
  ['nothing', ['run', () => ['¦']], /^\S+evidence\.ndjson: record 1: expected the record run, got nothing$/],
  ['no JSON', ['run', line(2, () => 'x')], /record 2: expected JSON: /],
  ['a list', ['run', line(2, () => '[]')], /record 2: expected object/],
  [
    'version 2',
    ['run', replaced(1, '"version":1', '"version":2')],
    /1: expected evidence of version 1, got 2: .*newer Spillway/,
  ],
  ['another first record', ['run', (lines) => lines.slice(1)], /record 1: expected the record run$/],
  ['an unknown record', ['run', replaced(2, 'testbed', 'testbad')], /record 2: .*testbad/],
  ['a field less', ['run', replaced(2, '"nats":"2",', '')], /record 2: missing required field nats/],
  ['a text for a number', ['run', replaced(3, '1', '"1"')], /record 3: \/atMs: expected /],
  [
    'more at the end',
    ['run', (lines) => [...lines, lines[3]!]],
    /record 6: expected nothing after the record/,
  ],
  [
    'a factor of 0',
    ['run', line(2, () => '{"record":"slow-motion","pace":{"factor":0,"asked":2}}')],
    /record 2: \/pace\/factor: expected /,
  ],
  [
    'a part of a record',
    ['event', cutOff],
    /event\/evidence\.ndjson: record \d+: expected a record end, got a part/,
  ],
  ['no end', ['event', (lines) => lines.slice(0, -1)], /a record end, got the end of the file$/],
  ['two summaries', ['event', (lines) => [...lines.slice(0, -1), ...lines.slice(-2)]], /one record summary$/],
  [
    'too many requests',
    ['event', (lines) => lines.map((text) => text.replace('"planned":2', '"planned":1e12'))],
    /\/planned: expected /,
  ],
])('reading refuses evidence with %s, and names file and record', async (_what, [of, change], message) => {
  const folder = changed(of, change);
  const read =
    of === 'run' ? readRun(folder) : storeIn(variantFolder(folder, of)).records(stored.experiment, of);
  await expect(read).rejects.toMatchObject({
    name: 'EvidenceError',
    message: expect.stringMatching(message),
  });
});

test('readRun says that a folder holds no evidence', async () => {
  const folder = testFolder();
  await expect(readRun(folder)).rejects.toThrow(
    `${join(folder, evidenceFile)}: can't be read: no such file or folder`,
  );
});
