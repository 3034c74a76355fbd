import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { recordHeader } from '#load/protocol.ts';

const page = readFileSync(
  fileURLToPath(new URL('../../../../docs/reference/evidence.md', import.meta.url)),
  'utf8',
);

test('docs/reference/evidence.md names the columns of requests.csv', () => {
  const row = page.split('\n').find((line) => line.includes('requests.csv` |'));
  expect(recordHeader.split(',').filter((name) => !row?.includes(`\`${name}\``))).toEqual([]);
});
