import type { Effect } from '#kit/wire.ts';

/** Parses an effect log. Ignores an incomplete last line, as a crash may leave it. */
export const parseEffects = (text: string): Effect[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
