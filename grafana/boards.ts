import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { events } from './boards/events.ts';
import { experiment } from './boards/experiment.ts';
import { experiments } from './boards/experiments.ts';
import { overview } from './boards/overview.ts';
import { resilience } from './boards/resilience.ts';
import { runtime } from './boards/runtime.ts';

/** Dashboards by the name of their file; Grafana opens with the first. */
export const boards: Readonly<Record<string, Dashboard>> = {
  overview,
  resilience,
  events,
  experiment,
  experiments,
  runtime,
};
