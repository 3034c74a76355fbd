import { expect, test } from 'vitest';
import { exitCodes, meanings, worstOf } from '#lab/kit/errors/exit-codes.ts';
import { read } from '#test/tidy/tree.ts';

test('exitCodes are those that the page of the command line explains', () => {
  const [, table = ''] =
    /^\| code \| means \|\n(.*?)\n\n/ms.exec(read('docs/reference/command-line.md')!) ?? [];
  const explained = Array.from(table.matchAll(/^\| (\d+) \| (.*) \|/gm), ([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(explained)).toEqual(meanings);
  expect(Object.keys(meanings).map(Number).toSorted()).toEqual(Object.values(exitCodes).toSorted());
});

test('worstOf gives the gravest of several: interrupted, an error, failed, invalid, held', () => {
  const codes = [0, 90, 99, 1, 105];
  for (let count = codes.length; count > 0; count--)
    expect(worstOf(codes.slice(0, count))).toBe(codes[count - 1]);
});
