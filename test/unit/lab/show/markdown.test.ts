import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import { markdownOf } from '#lab/show/markdown.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

test('markdownOf begins with verdict and finding, and lists the variants, the best first', () => {
  const text = markdownOf(makeResult());
  expect(text).toMatch(/^\*\*Held: A burst, nine ways\*\*\n\nAll 3 hypotheses hold.* collapse/);
  const names = Array.from(text.matchAll(/^\| ([\w-]+) \| [\d.]+ %/gm), ([, name]) => name);
  expect(names).toHaveLength(9);
  expect(names.at(-1)).toMatch(/rpc-(retries|nothing)/);
});

test('markdownOf takes their meaning from signs of Markdown', () => {
  const result = alter(pick(makeResult(), 'events-16'), 'events-16', { description: 'a | b <b> [x](y)' });
  expect(markdownOf(result)).toContain('a \\| b \\<b\\> \\[x\\](y)');
});

test('markdownOf rounds lists the mean of each variant with its interval, the best first', () => {
  const rounds = [0.5, 0.6, 0.7].map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95 }));
  const text = markdownOf(overRounds(rounds, { command: '', durationMs: 0 }));
  expect(text).toContain('Means over 3 rounds, with their 95 % intervals:');
  const rows = Array.from(text.matchAll(/^\| (\w+) \| (\d.*?) \|/gm), ([, name, goodput]) => [name, goodput]);
  expect(rows).toEqual([
    ['guarded', '95 % (92.5 % to 97.5 %)'],
    ['plain', expect.stringMatching(/^60 % \(\d+ % to \d+ %\)$/)],
  ]);
});
