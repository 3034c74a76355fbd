import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const folder = new URL('../experiments/', import.meta.url);

interface Described {
  /** Its path in the project. */
  readonly file: string;
  readonly title: string;
  readonly description: string;
}

/** What the experiments of the course say of themselves, in its order. */
export const experiments: readonly Described[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .toSorted()
  .map((name) => {
    const { title, description } = parse(readFileSync(new URL(name, folder), 'utf8'));
    return { file: `experiments/${name}`, title, description };
  });
