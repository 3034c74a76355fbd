import { expect, test } from 'vitest';
import { exitCodes } from '#lab/exit-codes.ts';
import { read } from '#test/tidy/tree.ts';

test('exitCodes are those that the README explains', () => {
  const [, table = ''] = /^\| code \| means \|\n(.*?)\n\n/ms.exec(read('README.md')!) ?? [];
  const explained = Array.from(table.matchAll(/^\| (\d+) \|/gm), ([, code]) => Number(code));
  expect(explained.toSorted()).toEqual(Object.values(exitCodes).toSorted());
});
