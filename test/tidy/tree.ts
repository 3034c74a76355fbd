import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** Returns the text of a project file; undefined if it doesn't exist, empty for a folder. */
export function read(path: string): string | undefined {
  try {
    return readFileSync(root + path, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR' ? '' : undefined;
  }
}

/** Returns path → text of the project's files that match. */
export function files(...patterns: string[]): Map<string, string> {
  const exclude = ['**/node_modules/**', 'runs/**', '.git/**', '.spillway/**'];
  const paths = globSync(patterns, { cwd: root, exclude }).sort();
  return new Map(paths.map((path) => [path, read(path) ?? '']));
}

/** `#kit/` → `services/kit/`, from package.json. */
export const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries<string>(manifest.imports).map(([alias, path]) => [
    alias.replace('*', ''),
    path.replace('./', '').replace('*', ''),
  ]),
);

/** Names of package.json's scripts. */
export const scripts: ReadonlySet<string> = new Set(Object.keys(manifest.scripts));
