import { expect, test } from 'vitest';
import { paperOf, wrap } from '#lab/report/terminal/paper.ts';

test('paperOf takes 100 characters without colour where there is no terminal', () => {
  expect(paperOf({ isTTY: false } as NodeJS.WriteStream)).toEqual({ colour: false, width: 100 });
});

test('wrap breaks at spaces, indents what follows, and leaves a word that is too long', () => {
  expect(wrap('ab cd efghijk', 5, ' ')).toEqual(['ab cd', ' efghijk']);
});
