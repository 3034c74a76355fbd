import { expect, test } from 'vitest';
import { paperOf, wrap } from '#lab/show/terminal/paper.ts';

test('paperOf breaks no line and has no colour where there is no terminal', () => {
  const paper = paperOf({ isTTY: false, columns: 80 } as NodeJS.WriteStream);
  expect(paper).toEqual({ colour: false, width: Number.POSITIVE_INFINITY });
  expect(wrap('word '.repeat(90).trim(), paper.width, '')).toHaveLength(1);
});

test('paperOf takes the width of a terminal, and 100 columns if it tells none', () => {
  const widthOf = (columns?: number) => paperOf({ isTTY: true, columns } as NodeJS.WriteStream).width;
  expect([widthOf(72), widthOf(0), widthOf()]).toEqual([72, 100, 100]);
});

test('wrap breaks at spaces, indents what follows, and leaves a word that is too long', () => {
  expect(wrap('ab cd efghijk', 5, ' ')).toEqual(['ab cd', ' efghijk']);
});

test('wrap keeps what stands in backticks whole', () => {
  expect(wrap('run `a b c` and d', 8, ' ')).toEqual(['run', ' `a b c`', ' and d']);
});
