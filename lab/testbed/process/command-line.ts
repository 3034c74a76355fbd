import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../../bin/spillway', import.meta.url));

/** Returns a command line for a shell in `folder` that runs `spillway` with these arguments. */
export function commandLine(args: readonly string[] = [], folder = process.cwd()): string {
  const near = relative(folder, launcher);
  const program = near.includes(sep) ? near : `.${sep}${near}`;
  return [program.length < launcher.length ? program : launcher, ...args].map(quoted).join(' ');
}

/** Quotes a word for a shell. */
const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Spillway's own version, from package.json. */
export const version: string = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
).version;
