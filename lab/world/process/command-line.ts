import { relative, sep } from 'node:path';
import { assetFile, isPackage } from '#kit/process/installation.ts';
import { quoted } from '#lab/kit/text/format.ts';

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

/** Values of flags: true for a flag without a value, undefined for no flag, a list for a flag for each entry. */
export type Flags = Readonly<Record<string, string | number | true | readonly string[] | undefined>>;

/** Returns the arguments of flags: `['--seed', '7']` for `{ seed: 7 }`. */
export const flagsOf = (flags: Flags): string[] =>
  Object.entries(flags).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return value === true ? `--${name}` : [value].flat().flatMap((each) => [`--${name}`, String(each)]);
  });
