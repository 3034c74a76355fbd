import { type Aliases, importsOf, resolve } from './imports.ts';

/** Path → text of a file. */
export type Files = ReadonlyMap<string, string>;

/**
 * Returns the files with code that no test imports, neither directly nor through other files of the same folder. Files
 * that contain only types need no test.
 */
export function untested(sources: Files, tests: Files, aliases: Aliases): string[] {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    const text = sources.get(file);
    if (text === undefined || reached.has(file)) return;
    reached.add(file);
    for (const { specifier } of importsOf(text)) {
      if (specifier.startsWith('./')) reach(resolve(file, specifier, aliases) ?? '');
    }
  };
  for (const [file, text] of tests) {
    for (const { specifier } of importsOf(text)) reach(resolve(file, specifier, aliases) ?? '');
  }
  return [...sources.keys()].filter((file) => !reached.has(file) && hasCode(sources.get(file) ?? ''));
}

const hasCode = (text: string): boolean =>
  /^(export )?(async |abstract )?(function|class|const|let)\b/m.test(text);
