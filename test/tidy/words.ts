import { lineOf } from './code.ts';

/** Words that docs and code avoid, each with the field's term. */
const instead: Readonly<Record<string, string>> = {
  'anew|afresh': 'again',
  'as of': 'since, or from',
  'before whom': 'upstream of',
  'bury|buried|withdrawn': 'dead-letter, redriven',
  'callers? (?:that|who) (?:has|have) gone': 'disconnected callers',
  'due times?|intended arrivals?': 'scheduled time',
  everybody: 'all requests, all callers …',
  'by itself': 'alone, or automatically',
  'got over|gets over|well again': 'recovered',
  'harms?|harmful': 'affect, make worse',
  heard: 'received',
  'in vain': 'wasted, without effect',
  likewise: 'also',
  'luck|fates?': 'draw, or outcome',
  'mend(?:s|ed|ing)?': 'clear, recover, fix',
  news: 'completions',
  nobody: 'no process, no caller …',
  'of (?:its|our|their) own': 'separate, or its own …',
  'strikes?': 'inject, affect',
  'told|untold': 'reported, received',
  'waiting line': 'queue',
  'whatever becomes?|whatever became': 'regardless of',
  whoever: 'the caller, the process …',
};
const avoided = new RegExp(`(?<![\\w-])(?:${Object.keys(instead).join('|')})(?![\\w-])`, 'gi');

/** Returns each use of an avoided word in a file, as `file:line: word: term`. */
export function avoidedWords(file: string, text: string): string[] {
  return Array.from(text.matchAll(avoided), (hit) => {
    const [, term] = Object.entries(instead).find(([word]) => new RegExp(`^(?:${word})$`, 'i').test(hit[0]))!;
    return `${file}:${lineOf(text, hit.index)}: ${hit[0]}: ${term}`;
  });
}

export const wordsMax = 25;

/**
 * Returns the sentences of a Markdown file that have too many words, as `file:line: words: start`. Leaves out code,
 * tables and pictures.
 */
export function longSentences(file: string, text: string): string[] {
  const prose = text
    .replace(/^```[\s\S]*?^```|^\|.*$|^#.*$|^!\[.*$|<!--[\s\S]*?-->/gm, (cut) => cut.replace(/[^\n]/g, ' '))
    // A list item or a paragraph ends a sentence, too.
    .replace(/\n(?=\s*(?:[-*]|\d+\.) )/g, '.\n');
  const long = [];
  for (const { 0: sentence, index } of prose.matchAll(/(?:[^.!?:\n]|[.!?:](?![\s*)"])|\n(?!\s*\n))+/g)) {
    const words = sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
    const start = index + sentence.search(/\S|$/);
    if (words.length > wordsMax)
      long.push(`${file}:${lineOf(prose, start)}: ${words.length} words: ${words.slice(0, 6).join(' ')} …`);
  }
  return long;
}
