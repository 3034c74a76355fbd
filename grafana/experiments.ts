import { readdirSync, readFileSync } from 'node:fs';
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
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

/** Part of the address of the dashboard that has a panel for each experiment. */
export const experimentsUid = 'spillway-experiments';

/** Links to the panels of these experiments. Panels are numbered from 1, and the first is the title of their row. */
export const toExperiments = (files: readonly string[]): DashboardLinkBuilder[] =>
  experiments.flatMap(({ file, title }, index) =>
    files.includes(file)
      ? new DashboardLinkBuilder(title)
          .type(DashboardLinkType.Link)
          .url(`/d/${experimentsUid}?viewPanel=${index + 2}`)
      : [],
  );
