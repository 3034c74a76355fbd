import { expect, test } from 'vitest';
import { plain } from '#lab/report/terminal/plain.ts';
import { share } from '#lab/text/format.ts';

test('plain makes every unbreakable space one that a search finds', () => {
  expect(plain(`${share(0.5)}, ${share(0.6)}`)).toBe('50 %, 60 %');
});
