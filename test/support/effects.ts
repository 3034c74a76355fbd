import type { Effect } from '#kit/wire.ts';

/** Parses an effect log. Ignores a last line that a crash cut short. */
export const parseEffects = (text: string): Effect[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
