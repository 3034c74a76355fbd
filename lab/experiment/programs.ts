import { realpathSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { escapePointer } from '#kit/schema/problems.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { InputError } from './errors/input-error.ts';
import type { LocatedProblem } from './file/source.ts';
import type { Experiment, Variant } from './schema.ts';

/** Program of the user that replaces the policies, or the caller of downstream as a whole, in a variant. */
export type Program =
  /** Module of a client, by its absolute path. */
  | { readonly client: string }
  /** Server with its arguments, and the folder that their paths start from. */
  | { readonly command: readonly string[]; readonly folder: string };

export const titleOf = (program: Program): string =>
  'client' in program ? program.client : program.command.join(' ');

/** Returns the user's program in a variant of a file; undefined if it has none. Throws InputError. */
export function programOf(file: string, variant: Variant): Program | undefined {
  const folder = dirname(resolve(file));
  return variant.client === undefined ? undefined : { client: pathInside(folder, variant.client) };
}

/** Reports paths of the variants that lead to no file in the folder of the experiment. Loads none of them. */
export function programProblems(file: string, { variants }: Experiment): LocatedProblem[] {
  return Object.entries(variants).flatMap(([name, variant]) => {
    try {
      programOf(file, variant);
      return [];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return [{ pointer: `/variants/${escapePointer(name)}/client`, message: error.message }];
    }
  });
}

/** Returns the absolute path of a file in a folder, with symbolic links followed. Throws InputError. */
function pathInside(folder: string, path: string): string {
  let found: string;
  let whole: string;
  try {
    [found, whole] = [realpathSync(resolve(folder, path)), realpathSync(folder)];
  } catch (cause) {
    throw new InputError(`${path} in ${folder}: ${refusalOf(cause)}`, { cause });
  }
  const way = relative(whole, found);
  if (way === '..' || way.startsWith(`..${sep}`))
    throw new InputError(`expected a file inside the folder of the experiment, got a link to ${found}`);
  return found;
}
