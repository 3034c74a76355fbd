import { InvalidArgumentError } from '@commander-js/extra-typings';

/** A path and what stands after its first `=`. */
export interface Vary {
  readonly path: string;
  readonly text: string;
}

/** Reads `PATH=VALUES`, and appends it to those before. */
export function varyOf(text: string, before: readonly Vary[] = []): Vary[] {
  const [, path = '', values = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (path.trim() === '' || values === '')
    throw new InvalidArgumentError('expected PATH=VALUES, as in load[1].arrivals.ratePerSecond=40..200/10');
  return [...before, { path: path.trim(), text: values.replaceAll(' ', '') }];
}

export const pathsIn = (all: readonly Vary[]): string[] => all.map(({ path }) => path);

/** Formats paths and values as `varyOf` reads them. */
export const textsOf = (all: readonly Vary[]): string[] => all.map(({ path, text }) => `${path}=${text}`);
