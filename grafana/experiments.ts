import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const folder = new URL('../experiments/', import.meta.url);

/** True if the name is that of an experiment of the course, `01-burst.yaml`; others are a reader's own. */
export const isOfTheCourse = (name: string): boolean => /^\d+-.*\.yaml$/.test(name);

/** Part of the address of the dashboard that has a panel for each experiment. */
export const experimentsUid = 'spillway-experiments';

/** Experiments of the course, in its order, with the addresses of their panels, which follow the title of their row. */
export const experiments = readdirSync(folder)
  .filter(isOfTheCourse)
  .toSorted()
  .map((name, index) => {
    const { title, description } = parse(readFileSync(new URL(name, folder), 'utf8'));
    return {
      file: `experiments/${name}`,
      title: String(title),
      description: String(description),
      url: `/d/${experimentsUid}?viewPanel=${index + 2}`,
    };
  });
