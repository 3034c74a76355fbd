import { relative, sep } from 'node:path';
import { assetFile, isPackage } from '#kit/process/installation.ts';

const launcher = assetFile('bin/spillway');

/** Returns a command line for a shell in `folder` that runs `spillway` with these arguments. */
export function commandLine(args: readonly string[] = [], folder = process.cwd()): string {
  const { SPILLWAY_COMMAND: own } = process.env;
  if (own) return [own, ...args.map(quoted)].join(' ');
  if (isPackage) return ['npx', 'spillway', ...args].map(quoted).join(' ');
  const near = relative(folder, launcher);
  const program = near.includes(sep) ? near : `.${sep}${near}`;
  return [program.length < launcher.length ? program : launcher, ...args].map(quoted).join(' ');
}

/** Quotes a word for a shell. */
const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
