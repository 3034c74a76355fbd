import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect, test } from 'vitest';
import { figure, graph, heatmap, states, table } from '#grafana/panels.ts';

const retries = ['What it shows.', { 'one {{job}}': 'up', two: 'up == 0' }] as const;
const options = { unit: 'ops', width: 8 };

test('graph asks over time, names its series, and stands on 0', () => {
  const panel = graph(...retries, options)('Retries', 6).build();
  expect(panel).toMatchObject({
    type: 'timeseries',
    title: 'Retries',
    gridPos: { w: 8, h: 8 },
    targets: [
      { refId: 'A', expr: 'up', legendFormat: 'one {{job}}', range: true, instant: false },
      { refId: 'B', expr: 'up == 0', legendFormat: 'two', range: true },
    ],
    fieldConfig: {
      defaults: { unit: 'ops', min: 0, thresholds: { steps: [{ value: null, color: 'text' }] } },
    },
  });
  expect(panel.fieldConfig?.defaults?.max).toBeUndefined();
  expect(graph(...retries, { max: 1 })('Retries', 6).build().fieldConfig?.defaults?.max).toBe(1);
});

test('graph distinguishes series by colour, a figure shows its state by colour', () => {
  const modeOf = (panel: Panel) => panel.fieldConfig?.defaults?.color?.mode;
  expect(modeOf(graph(...retries)('Retries', 6).build())).toBe('palette-classic');
  expect(modeOf(figure(...retries)('Retries', 6).build())).toBe('thresholds');
});

test('only graphs have figures in their legends', () => {
  const calcs = (panel: Panel) => panel.options.legend.calcs;
  expect(calcs(graph(...retries)('Retries', 6).build())).toEqual(['lastNotNull', 'max']);
  expect(calcs(states(...retries, { values: {} })('Retries', 6).build())).toEqual([]);
});

test('graph stacks the parts of a whole', () => {
  const mode = (stacked: boolean) =>
    graph(...retries, { stacked })('Retries', 6).build().fieldConfig?.defaults?.custom.stacking.mode;
  expect([mode(true), mode(false)]).toEqual(['normal', 'none']);
});

test('figure asks over time, or once for the whole of it', () => {
  const target = (isTotal: boolean) => figure(...retries, { isTotal })('Retries', 6).build().targets?.[0];
  expect(target(false)).toMatchObject({ range: true, instant: false });
  expect(target(true)).toMatchObject({ range: false, instant: true });
});

test('below the first threshold all is well, unless it is said not to be', () => {
  const panel = figure(...retries, {
    thresholds: { 0.5: 'orange', 1: 'red' },
  })('Retries', 6).build();
  expect(panel.fieldConfig?.defaults?.thresholds?.steps).toEqual([
    { value: null, color: 'green' },
    { value: 0.5, color: 'orange' },
    { value: 1, color: 'red' },
  ]);
  const other = figure(...retries, { base: 'red', thresholds: { 1: 'green' } })('Retries', 6).build();
  expect(other.fieldConfig?.defaults?.thresholds?.steps[0]).toEqual({ value: null, color: 'red' });
});

test('heatmap asks for buckets, on an axis in its unit', () => {
  const panel = heatmap('What it shows.', { '{{le}}': 'up' }, { unit: 's' })('Durations', 24).build();
  expect(panel).toMatchObject({
    type: 'heatmap',
    targets: [{ expr: 'up', format: 'heatmap', legendFormat: '{{le}}', range: true }],
    options: { calculate: false, yAxis: { unit: 's' } },
  });
});

test('table has a column for each query, after those of labels, with a unit and colours of its own', () => {
  const columns = {
    Goodput: { unit: 'percentunit', thresholds: { 0.5: 'red' } },
    p99: { unit: 's' },
  } as const;
  const panel = table(
    'What it shows.',
    { Goodput: 'up', p99: 'up' },
    {
      isTotal: true,
      labels: ['variant', 'path'],
      columns,
    },
  )('Compared', 24).build();
  expect(panel).toMatchObject({
    type: 'table',
    targets: [
      { refId: 'A', format: 'table', instant: true },
      { refId: 'B', format: 'table', instant: true },
    ],
    transformations: [
      { id: 'merge' },
      {
        id: 'organize',
        options: {
          indexByName: { variant: 0, path: 1 },
          renameByName: { 'Value #A': 'Goodput', 'Value #B': 'p99' },
        },
      },
    ],
    options: { sortBy: [{ displayName: 'Goodput', desc: true }] },
  });
  const overrides = panel.fieldConfig!.overrides.map(({ matcher, properties }) => [
    matcher.options,
    properties.map(({ value }) => value.steps ?? value),
  ]);
  expect(overrides).toEqual([
    [
      'Goodput',
      [
        'percentunit',
        [
          { value: null, color: 'green' },
          { value: 0.5, color: 'red' },
        ],
      ],
    ],
    ['p99', ['s', [{ value: null, color: 'text' }]]],
  ]);
});

test('states gives each value its name and colour', () => {
  const panel = states(...retries, {
    values: { 0: ['closed', 'green'], 2: ['open', 'red'] },
  })('Retries', 6).build();
  expect(panel).toMatchObject({
    type: 'state-timeline',
    fieldConfig: {
      defaults: {
        mappings: [
          {
            type: 'value',
            options: {
              0: { text: 'closed', color: 'green', index: 0 },
              2: { text: 'open', color: 'red', index: 1 },
            },
          },
        ],
      },
    },
  });
});
