import { version as spillway } from '#kit/process/installation.ts';
import { cut } from '#kit/schema/shorten.ts';

/**
 * Explains why content of another version of its format can't be read. Undefined if it can. A release that raises a
 * version converts older content before it calls this.
 */
export function versionProblem(what: string, got: unknown, current: number): string | undefined {
  if (got === current) return undefined;
  const expected = `expected ${what} of version ${current}, got`;
  if (typeof got === 'number' && got > current)
    return `${expected} ${got}: it is from a newer Spillway than this one (${spillway}), so update Spillway`;
  return `${expected} ${got === undefined ? 'none' : cut(JSON.stringify(got), 40)}`;
}
