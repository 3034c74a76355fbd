import { expect, test } from 'vitest';
import { avoidedWords, longSentences, wordsMax } from '#test/tidy/words.ts';

const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');

test('avoidedWords names each word with its line and the term to use', () => {
  expect(avoidedWords('x.md', 'Nobody is\nmended by luck.')).toEqual([
    'x.md:1: Nobody: no process, no caller …',
    'x.md:2: mended: clear, recover, fix',
    'x.md:2: luck: draw, or outcome',
  ]);
});

test.each(['newsletter', 'not-told', 'recommend', 'luckily'])('avoidedWords leaves %s alone', (text) => {
  expect(avoidedWords('x.md', text)).toEqual([]);
});

test('longSentences names a sentence with too many words, over line breaks', () => {
  const text = `# Title\n\nShort one. ${words(20)}\n${words(wordsMax - 19)}. Short one.`;
  expect(longSentences('x.md', text)).toEqual(['x.md:3: 26 words: word0 word1 word2 word3 word4 word5 …']);
});

test.each([
  ['a sentence at the limit', words(wordsMax)],
  ['two sentences', `${words(20)}. ${words(20)}.`],
  ['two paragraphs', `${words(20)}\n\n${words(20)}`],
  ['two items', `- ${words(20)}\n- ${words(20)}`],
  ['a clause after a colon', `${words(20)}: ${words(20)}`],
  ['a table', `| ${words(30)} |`],
  ['code', `\`\`\`\n${words(30)}\n\`\`\``],
])('longSentences accepts %s', (_what, text) => {
  expect(longSentences('x.md', text)).toEqual([]);
});
