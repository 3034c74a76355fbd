import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InvalidError } from '#kit/schema/problems.ts';
import { replay } from '#load/arrivals/replay.ts';
import { recordHeader } from '#load/protocol.ts';

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

function dueMsIn(text: string): number[] {
  const file = join(folder, 'recording.csv');
  writeFileSync(file, text);
  return [...replay.plan({ file, stretch: 1 }, () => 0).scheduledAtMs];
}

test('replay stretches times in the experiment, too', () => {
  const { durationMs, scheduledAtMs } = replay.plan({ atMs: [30, 10], stretch: 2 }, () => 0);
  expect([durationMs, ...scheduledAtMs]).toEqual([60, 20, 60]);
});

describe('replay of a file', () => {
  test.each([
    ['a scheduled time on each line', '0\n10\n20.5\n', [0, 10, 20.5]],
    ['the end of the last line may be missing', '0\n10', [0, 10]],
    ['lines may end as on Windows', '0\r\n10\r\n', [0, 10]],
    ['in any order', '20\n0\n10\n', [0, 10, 20]],
    ['the first column of a CSV file', '0,a,b\n10,c,d\n', [0, 10]],
    ['the column that the first line calls so', 'index,scheduledAtMs,x\n0,10,9\n1,20,9\n', [10, 20]],
    ['that column at the end of a line of Windows', 'index,scheduledAtMs\r\n0,10\r\n', [10]],
    ['a column scheduledAtMs that is the first', 'scheduledAtMs,x\n10,9\n', [10]],
    ['the record of a run', `${recordHeader}\n1,20,0.1,3,ok,200,1\n0,10,0.1,,unknown,0,0\n`, [10, 20]],
  ])('%s', (_sentence, text, expected) => {
    expect(dueMsIn(text)).toEqual(expected);
  });

  test.each([
    ['a word', '0\nx\n', 2, 'x'],
    ['an empty line', '0\n\n10\n', 2, ''],
    ['an empty file', '', 1, ''],
    ['a time before the start', '0\n1\n-1\n', 3, '-1'],
    ['a time after a day', '86400000.1\n', 1, '86400000.1'],
    ['a line without the column', 'index,scheduledAtMs\n0\n', 2, ''],
    ['a column by another name', 'due\n1\n', 1, 'due'],
  ])('refuses %s and says where it is', (_what, text, line, got) => {
    const expected = `recording.csv:${line}: expected a scheduled time from 0 to 86400000 ms, got "${got}"`;
    expect(() => dueMsIn(text)).toThrow(InvalidError);
    expect(() => dueMsIn(text)).toThrow(expected);
  });

  test('refuses a file beyond 64 MiB, and what is no regular file, without reading it', () => {
    const file = join(folder, 'large.csv');
    writeFileSync(file, '');
    truncateSync(file, 3 * 1024 ** 3);
    const plan = (file: string) => replay.plan({ file, stretch: 1 }, () => 0);
    expect(() => plan(file)).toThrow(`${file}: expected at most 67108864 bytes, got 3221225472`);
    expect(() => plan('/dev/zero')).toThrow('/dev/zero: expected a regular file');
  });

  test('names a file that is not there', () => {
    const file = join(folder, 'nowhere');
    expect(() => replay.plan({ file, stretch: 1 }, () => 0)).toThrow(
      `${file}: cannot read the recording: no such file`,
    );
  });
});
