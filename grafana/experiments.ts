import { readdirSync, readFileSync } from 'node:fs';
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import { parse } from 'yaml';

const folder = new URL('../experiments/', import.meta.url);

/** True if the name is that of an experiment of the course, `01-burst.yaml`; others are a reader's own. */
export const isOfTheCourse = (name: string): boolean => /^\d+-.*\.yaml$/.test(name);

/** Files, titles and descriptions of the experiments of the course, in its order. */
export const experiments = readdirSync(folder)
  .filter(isOfTheCourse)
  .toSorted()
  .map((name) => {
    const { title, description } = parse(readFileSync(new URL(name, folder), 'utf8'));
    return { file: `experiments/${name}`, title: String(title), description: String(description) };
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
