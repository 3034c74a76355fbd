import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const folder = new URL('../experiments/', import.meta.url);

/**
 * True for the file name of a course experiment, such as `01-burst.yaml`. Files with other names belong to the user.
 */
export const isOfTheCourse = (name: string): boolean => /^\d+-.*\.yaml$/.test(name);

/** Part of the URL of the dashboard that has a panel for each experiment. */
export const experimentsUid = 'spillway-experiments';

/**
 * Experiments of the course in order, with the URLs of their panels. Panel numbers start at 2, since the row's title
 * has number 1.
 */
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
