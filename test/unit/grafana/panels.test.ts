import { expect, test } from 'vitest';
import { figure, table } from '#grafana/panels.ts';

const queries = { 'one {{job}}': 'up', two: 'up == 0' };

test('figure asks over time, or once for all of it', () => {
  const target = (isTotal: boolean) =>
    figure('What.', queries, { isTotal })('Retries', 6).build().targets?.[0];
  expect(target(false)).toMatchObject({ range: true, instant: false });
  expect(target(true)).toMatchObject({ range: false, instant: true });
});

test('below the first threshold a panel is green, or in its base colour', () => {
  const steps = (options: Parameters<typeof figure>[2]) =>
    figure('What.', queries, options)('Retries', 6).build().fieldConfig?.defaults?.thresholds?.steps;
  expect(steps({ thresholds: { 1: 'red', 0.5: 'orange' } })).toEqual([
    { value: null, color: 'green' },
    { value: 0.5, color: 'orange' },
    { value: 1, color: 'red' },
  ]);
  expect(steps({ base: 'red', thresholds: { 1: 'green' } })?.[0]).toEqual({ value: null, color: 'red' });
});

test('table has a column for each query, after those of labels, and sorts by the first', () => {
  const panel = table(
    'What.',
    { Goodput: 'up', p99: 'up' },
    { isTotal: true, labels: ['variant', 'path'], columns: { Goodput: { unit: 'percentunit' } } },
  )('Compared', 24).build();
  expect(panel).toMatchObject({
    targets: [
      { refId: 'A', format: 'table', instant: true },
      { refId: 'B', format: 'table', instant: true },
    ],
    transformations: [
      { id: 'merge' },
      {
        options: {
          indexByName: { variant: 0, path: 1 },
          renameByName: { 'Value #A': 'Goodput', 'Value #B': 'p99' },
        },
      },
    ],
    options: { sortBy: [{ displayName: 'Goodput', desc: true }] },
  });
});
