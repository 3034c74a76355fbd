import { expect, test } from 'vitest';
import { dashboardFiles } from '#grafana/write.ts';
import { files } from '#test/tidy/tree.ts';

test('grafana/dashboards holds what dashboardFiles writes; else run `npm run dashboards`', () => {
  const committed = [...files('grafana/dashboards/*')].map(([path, text]) => [path.split('/').at(-1), text]);
  expect(new Map(committed as [string, string][])).toEqual(dashboardFiles());
});

test('dashboardFiles leaves links and annotations where they are seen', () => {
  for (const text of dashboardFiles().values()) expect(text).not.toContain('inControlsMenu');
});
