import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { experiment } from './boards/experiment.ts';
import { lanes } from './boards/lanes.ts';
import { overview } from './boards/overview.ts';
import { runbook } from './boards/runbook.ts';

/** Dashboards by the name of their file. Grafana opens with the first one. */
export const boards: Readonly<Record<string, Dashboard>> = {
  lanes,
  overview,
  experiment,
  runbook,
};

export function dashboardFiles(): Map<string, string> {
  return new Map(
    Object.entries(boards).map(([name, board]) => [`${name}.json`, `${JSON.stringify(board, kept, 2)}\n`]),
  );
}

/** Leaves out a default of the SDK that would hide links and annotations in a menu. The SDK has no option for it. */
const kept = (_key: string, value: unknown) => (value === 'inControlsMenu' ? undefined : value);

if (import.meta.main) {
  const folder = fileURLToPath(new URL('./dashboards/', import.meta.url));
  for (const [name, text] of dashboardFiles()) writeFileSync(folder + name, text);
}
