import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const folder = new URL('../experiments/', import.meta.url);

interface Described {
  /** Its path in the project. */
  readonly file: string;
  readonly title: string;
  readonly description: string;
}

/** True if the name is that of an experiment of the course, `01-burst.yaml`; others are a reader's own. */
export function isOfTheCourse(name: string): boolean {
  return /^\d+-.*\.yaml$/.test(name);
}

/** Titles and descriptions of the experiments of the course, in its order. */
export const experiments: readonly Described[] = readdirSync(folder)
  .filter((name) => isOfTheCourse(name))
  .toSorted()
  .map((name) => {
    const { title, description } = parse(readFileSync(new URL(name, folder), 'utf8'));
    return { file: `experiments/${name}`, title, description };
  });
