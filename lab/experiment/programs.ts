import { readFileSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { nearestOrAll } from '#kit/schema/nearest.ts';
import { escapePointer } from '#kit/schema/problems.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
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
  if (variant.client !== undefined) return { client: pathInside(folder, variant.client) };
  return 'command' in variant && variant.command ? { command: variant.command, folder } : undefined;
}

/** Reports paths of the variants that lead to no file in the folder of the experiment. Loads none of them. */
export function programProblems(file: string, { variants }: Experiment): LocatedProblem[] {
  return Object.entries(variants).flatMap(([name, variant]) => {
    try {
      const program = programOf(file, variant);
      if (program && 'command' in program)
        for (const name of program.command.flatMap(placeholdersIn))
          if (name.startsWith('./'))
            for (const [index, line] of readFileSync(pathInside(program.folder, name), 'utf8')
              .split('\n')
              .entries())
              checkPlaceholders(`${name}:${index + 1}: `, placeholdersIn(line));
          else checkPlaceholders('', [name]);
      return [];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const field = variant.client === undefined ? 'command' : 'client';
      return [{ pointer: `/variants/${escapePointer(name)}/${field}`, message: error.message }];
    }
  });
}

const placeholder = /\{\{([^{}]*)\}\}/g;

/** Returns the names between double braces. */
export const placeholdersIn = (text: string): string[] =>
  Array.from(text.matchAll(placeholder), ([, name = '']) => name);

/** Placeholders of a command, and of the files that it names: address and port to listen on, addresses of the dependency's replicas and their numbers, a folder for the server's files, and the folder of the logs. */
const placeholders = ['listen', 'port', 'dependency', 'number', 'folder', 'logs'];

/** Throws InputError if a name is no placeholder. `where` begins the message. */
function checkPlaceholders(where: string, names: readonly string[]): void {
  const unknown = names.find((name) => !placeholders.includes(name));
  if (unknown !== undefined)
    throw new InputError(`${where}unknown {{${unknown}}}, ${nearestOrAll(unknown, placeholders)}`);
}

/** Returns the absolute path of a file in a folder, with symbolic links followed. Throws InputError. */
export function pathInside(folder: string, path: string): string {
  let found: string;
  let whole: string;
  try {
    [found, whole] = [realpathSync(resolve(folder, path)), realpathSync(folder)];
  } catch (cause) {
    throw new InputError(`${path} in ${folder}: ${refusalOf(cause)}`, { cause });
  }
  const way = relative(whole, found);
  if (way === '..' || way.startsWith(`..${sep}`))
    throw new InputError(`expected a file inside the folder of the experiment, got ${found}`);
  return found;
}
