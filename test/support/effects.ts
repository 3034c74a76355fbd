import type { Effect } from '#kit/wire.ts';

/** The effects of a log; a last line that a crash cut short is left out. */
export const parseEffects = (text: string): Effect[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
