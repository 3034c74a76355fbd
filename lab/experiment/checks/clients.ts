import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type ValidParts, validEntries } from '#lab/experiment/schema.ts';

/** Fields of a variant that a client or a server of the user replaces. */
const replaced = ['policies', 'changes', 'clients'] as const;

export function* clients({ variants, slowMotion }: ValidParts): Generator<LocatedProblem> {
  for (const { pointer, value } of validEntries('/variants', variants)) {
    const { client, command } = value as { readonly client?: string; readonly command?: readonly string[] };
    const field = client === undefined ? 'command' : 'client';
    if (client === undefined && command === undefined) continue;
    const refuse = (name: string, message: string) => ({ pointer: `${pointer}/${name}`, message });
    if (client !== undefined && command !== undefined) yield refuse('command', 'expected none beside client');
    for (const other of replaced) {
      const given = (value as { readonly [F in typeof other]?: unknown })[other];
      if (Array.isArray(given) ? given.length > 0 : given !== undefined)
        yield refuse(other, `expected none beside ${field}, which replaces it`);
    }
    if (slowMotion !== undefined && slowMotion !== 1)
      yield refuse(
        field,
        `expected none with slowMotion ${slowMotion}, since its code can't slow down: run it without, or simulate it`,
      );
  }
}
