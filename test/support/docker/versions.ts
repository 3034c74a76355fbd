import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Returns the value of a variable in .env. */
export function pinned(name: string): string {
  const [, value] = new RegExp(`^${name}=(.+)$`, 'm').exec(readFileSync(`${root}.env`, 'utf8')) ?? [];
  if (!value) throw new Error(`.env has no ${name}`);
  return value;
}
