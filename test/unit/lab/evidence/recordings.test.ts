import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepRecordings, withRecordings } from '#lab/evidence/recordings.ts';
import { testFolder } from '#test/support/folder.ts';

test('keepRecordings copies what a load replays into the folder, and withRecordings takes both for the same', () => {
  const folder = testFolder();
  const file = join(folder, 'mine.csv');
  writeFileSync(file, '1\n2\n');
  const load = [
    { arrivals: { kind: 'constant' as const, ratePerSecond: 1, forMs: 1 } },
    { arrivals: { kind: 'replay' as const, file, stretch: 1 } },
  ];
  const kept = keepRecordings(load, folder);
  expect(kept).toEqual([load[0], { arrivals: { ...load[1]!.arrivals, file: join('recordings', '2.csv') } }]);
  expect(readFileSync(join(folder, 'recordings', '2.csv'), 'utf8')).toBe('1\n2\n');
  expect(withRecordings(kept, folder)).toEqual(withRecordings(load));
  writeFileSync(file, '1\n3\n');
  expect(withRecordings(kept, folder)).not.toEqual(withRecordings(load));
});
