import { expect, test } from 'vitest';
import { LineChunks } from '#lab/evidence/text-store.ts';

function collected() {
  const pieces: string[] = [];
  const lines = new LineChunks((piece) => pieces.push(new TextDecoder().decode(piece)));
  return { lines, pieces };
}

test('LineChunks writes whole lines in their order, in pieces of at most 64 KB', () => {
  const { lines, pieces } = collected();
  const all = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
  for (const line of all) lines.add(line);
  expect(pieces.length).toBe(1);
  lines.flush();
  lines.flush();
  expect(pieces.join('')).toBe(all.map((line) => `${line}\n`).join(''));
  expect(pieces.every((piece) => piece.length <= 65_536 && piece.endsWith('\n'))).toBe(true);
});

test.each([65_534, 65_535])('LineChunks takes a line of %i characters', (length) => {
  const { lines, pieces } = collected();
  lines.add('x'.repeat(length));
  lines.add('y');
  lines.flush();
  expect(pieces.join('')).toBe(`${'x'.repeat(length)}\ny\n`);
});
