import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type ValidParts, validEntries } from '#lab/experiment/schema.ts';

/** Fields of a variant that a client or a server of the user replaces. */
const replaced = ['policies', 'changes', 'clients'] as const;

/** Reports clients outside the folder of the file, and fields that a client replaces. */
export function* clients({ variants, slowMotion }: ValidParts): Generator<LocatedProblem> {
  for (const { pointer, value } of validEntries('/variants', variants)) {
    const { client } = value;
    if (client === undefined) continue;
    if (!isInside(client))
      yield {
        pointer: `${pointer}/client`,
        message: `expected a path inside the folder of the file, such as ./client.ts, got ${JSON.stringify(client)}`,
      };
    for (const field of replaced) {
      const given = (value as { readonly [F in typeof field]?: unknown })[field];
      if (Array.isArray(given) ? given.length > 0 : given !== undefined)
        yield { pointer: `${pointer}/${field}`, message: 'expected none beside client, which replaces it' };
    }
    if (slowMotion !== undefined && slowMotion !== 1)
      yield {
        pointer: `${pointer}/client`,
        message: `expected none with slowMotion ${slowMotion}, since its code can't slow down`,
      };
  }
}

/** True for a relative path that doesn't leave its folder. */
const isInside = (path: string): boolean =>
  !/^[/~]|[\\\p{Cc}]|^\w+:/u.test(path) && !path.split('/').includes('..');
