import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** Where the project's files can be read. A fork that wants its own files behind the links changes this line. */
export const repository = 'https://github.com/spillway/spillway/blob/main';

/** The tag by which the dashboards find each other. */
export const tag = 'spillway';

/** A link to a file of the project, e.g. `experiments/01-burst.yaml`. */
export function toFile(title: string, path: string): Builder<DashboardLink> {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .icon('doc')
    .url(`${repository}/${path}`)
    .targetBlank(true);
}

/** The experiment that shows what retries, breakers and bulkheads do to a burst. */
export const burst: Builder<DashboardLink> = toFile('Experiment 01: a burst', 'experiments/01-burst.yaml');

/** The experiment that shows what all is like when nothing is wrong. */
export const baseline: Builder<DashboardLink> = toFile(
  'Experiment 02: a baseline',
  'experiments/02-baseline.yaml',
);

/** The other dashboards, with the same time range and variables. */
export const toDashboards: Builder<DashboardLink> = new DashboardLinkBuilder('Spillway')
  .type(DashboardLinkType.Dashboards)
  .icon('external link')
  .tags([tag])
  .includeVars(true)
  .keepTime(true);
