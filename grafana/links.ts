import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { experiments } from './experiments.ts';

/** Prometheus in grafana/provisioning/datasources. */
export const datasourceUid = 'spillway-prometheus';

/** The Prometheus that is chosen at the top of each dashboard. */
export const datasource: DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** The tag by which the dashboards find each other. */
export const tag = 'spillway';

/** Page on alerts and their remedies. */
export const runbook = 'docs/runbook.md';

/** Experiment on retries, breakers and bulkheads during a burst. */
export const burst = 'experiments/01-burst.yaml';

/** Experiment on a healthy system. */
export const baseline = 'experiments/02-baseline.yaml';

/** Experiments of the course that explain one thing each. */
export const course = {
  amplification: 'experiments/03-retry-amplification.yaml',
  metastable: 'experiments/05-metastable.yaml',
  herd: 'experiments/06-breaker-herd.yaml',
  starvation: 'experiments/07-bulkhead-starvation.yaml',
  poison: 'experiments/08-poison.yaml',
  backlog: 'experiments/11-hidden-backlog.yaml',
  storm: 'experiments/12-redelivery-storm.yaml',
  deadlines: 'experiments/13-lost-deadlines.yaml',
} as const;

/** Names files of the project in a description, by path, since their address differs by reader. */
export const seeing = (description: string, files: readonly string[]): string =>
  files.length === 0 ? description : `${description} See ${files.join(' and ')}.`;

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

/** The other dashboards, with the same time range and variables. */
export const toDashboards: DashboardLinkBuilder = new DashboardLinkBuilder('Spillway')
  .type(DashboardLinkType.Dashboards)
  .icon('external link')
  .tags([tag])
  .includeVars(true)
  .keepTime(true);
