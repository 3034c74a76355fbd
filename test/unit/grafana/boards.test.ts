import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { tag } from '#grafana/board.ts';
import { boards } from '#grafana/write.ts';
import {
  annotationsOf,
  fill,
  panelsOf,
  questionsOf,
  targetsOf,
  variablesOf,
} from '#test/support/dashboards.ts';
import { metricNames } from '#test/support/metric-names.ts';
import { parsePromql } from '#test/support/promql.ts';
import { files, read } from '#test/tidy/tree.ts';

const all = Object.values(boards).map((board): [string, Dashboard] => [board.title!, board]);
const panels = all.flatMap(([title, board]) =>
  panelsThatAsk(board).map((panel): [string, Panel] => [`${title} > ${panel.title}`, panel]),
);
const questions = all.flatMap(([, board]) =>
  questionsOf(board).map(({ where, expr }): [string, string] => [where, expr]),
);
const recorded = Array.from(
  read('prometheus/rules/figures.yml')!.matchAll(/record: (\S+)/g),
  ([, name]) => name,
);
const names = new Set([...metricNames(), ...recorded]);
const theirs = { type: 'prometheus', uid: '$datasource' };

describe.each(all)('the dashboard %s', (_title, board) => {
  test('has another title for each panel', () => {
    const titles = panelsOf(board).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('says what it is for, shares its crosshair, and finds the others', () => {
    expect(board.description).toMatch(/^[A-Z].*[.?]$/);
    expect(board.graphTooltip).toBe(1);
    expect(board.tags).toEqual([tag]);
    expect(board.links?.map(({ type, tags }) => [type, tags])).toContainEqual(['dashboards', [tag]]);
  });

  test('begins with a choice of the data source, from which all else comes', () => {
    const variables = board.templating!.list!;
    expect(variables[0]).toMatchObject({ type: 'datasource', name: 'datasource', query: 'prometheus' });
    for (const { datasource } of [...variables.slice(1), ...annotationsOf(board)]) {
      expect(datasource).toEqual(theirs);
    }
  });

  test('has variables of labels that there are', () => {
    for (const { metric } of variablesOf(board)) {
      for (const name of parsePromql(fill(metric)).metrics) expect(names).toContain(name);
    }
  });

  test('marks phases, faults and alerts', () => {
    expect(annotationsOf(board).map(({ name, enable }) => [name, enable])).toEqual([
      ['Phases', true],
      ['Faults', true],
      ['Alerts', true],
    ]);
  });

  test('refreshes itself if it asks something', () => {
    expect(board.refresh).toBe(panelsThatAsk(board).length > 0 ? '5s' : '');
  });

  test('numbers all panels, those of collapsed rows included', () => {
    const ids = board.panels!.flatMap((panel) => [panel, ...inside(panel)]).map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
  });

  test('fills a grid of 24 without gaps at the side and without overlaps, also where a row is opened', () => {
    expectFilled(board.panels!, 0);
    for (const row of board.panels!) expectFilled(inside(row), row.gridPos!.y + 1);
  });
});

describe.each(panels)('the panel %s', (_where, panel) => {
  test('says what it shows, in what unit, against what', () => {
    expect(panel.description).toMatch(/^[A-Z].{20,}[.?]$/s);
    const { unit, thresholds } = panel.fieldConfig!.defaults!;
    expect(unit).toBeTruthy();
    expect(thresholds!.steps[0]!.value).toBe(null);
    const values = thresholds!.steps.slice(1).map(({ value }) => value!);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    // A panel with a single large figure shows by its colour whether the figure is good, so it needs thresholds.
    if (panel.type === 'stat') expect(values).not.toEqual([]);
  });

  test('names each series, and takes it from the chosen data source', () => {
    expect(panel.datasource).toEqual(theirs);
    const targets = targetsOf(panel);
    expect(targets.length).toBeGreaterThan(0);
    for (const { legendFormat, datasource } of targets) {
      expect(legendFormat).toBeTruthy();
      expect(datasource).toEqual(theirs);
    }
    const legends = targets.map(({ legendFormat }) => legendFormat);
    expect(new Set(legends).size).toBe(legends.length);
  });

  test('distinguishes the processes of a service if it has a series of each', () => {
    for (const { legendFormat, expr } of targetsOf(panel)) {
      const { metrics, aggregates } = parsePromql(fill(expr));
      const isOfEach = !aggregates && metrics.some((name) => !recorded.includes(name));
      if (isOfEach) expect(legendFormat).toContain('{{instance}}');
    }
  });

  test('names no file, which a reader could not open', () => {
    expect(panel.description).not.toMatch(/\.(md|ya?ml|ts)\b/);
  });

  test('gives its links the titles of what they lead to', () => {
    for (const { title, url } of panel.links ?? []) expect(titleAt(url!)).toBe(title);
  });
});

describe.each(questions)('the query %s', (_where, expr) => {
  test('is PromQL about metrics that there are, and about no bound of a bucket', () => {
    const { metrics, matchers } = parsePromql(fill(expr));
    expect(metrics.filter((name) => !names.has(name))).toEqual([]);
    expect(matchers.filter((matcher) => /^le\b/.test(matcher))).toEqual([]);
  });

  test('takes rates over $__rate_interval', () => {
    const { ranges } = parsePromql(fill(expr, { rateInterval: '11s' }));
    const rates = ranges.filter(([name]) => /^(i?rate|increase|i?delta|deriv)$/.test(name));
    expect(rates.filter(([, range]) => range !== '11s')).toEqual([]);
  });
});

test.each(all)('the dashboard %s leads only to dashboards and panels that there are', (_title, board) => {
  const text = JSON.stringify(board);
  expect(text).not.toMatch(/https?:/);
  for (const [url] of text.matchAll(/\/d\/[\w-]+(\?viewPanel=\d+)?/g))
    expect(titleAt(url), url).toBeDefined();
});

test('the overview has rate, errors and duration on its first screen, and a heat map of a histogram', () => {
  const open = boards.overview!.panels!.map(({ title, type }) => [title, type]);
  for (const title of ['Ended requests and deliveries', 'Error ratio', 'Duration, p99'])
    expect(open).toContainEqual([title, 'timeseries']);
  const heatmap = panelsOf(boards.overview!).find(({ type }) => type === 'heatmap')!;
  expect(open).toContainEqual([heatmap.title, 'heatmap']);
  for (const { expr, format } of targetsOf(heatmap)) {
    expect(format).toBe('heatmap');
    expect(expr).toMatch(/^sum by \(le\) \(rate\(\w+_bucket\{/);
  }
});

test.each(questionsOf(boards.experiment!).filter(({ where }) => !where.includes('annotation')))(
  'the query $where is limited to the chosen variants',
  ({ expr }) => expect(expr).toContain('variant=~"$variant"'),
);

test('the dashboard of an experiment compares variants by goodput, errors, attempts and duration', () => {
  const table = panelsOf(boards.experiment!).find(({ type }) => type === 'table')!;
  expect(targetsOf(table).map(({ legendFormat }) => legendFormat)).toEqual([
    'Goodput',
    'Error ratio',
    'Attempts per request',
    'Duration, p99',
  ]);
});

test('the runbook is shown section by section, without links that lead nowhere or names of files', () => {
  const shown = panelsOf(boards.runbook!);
  const headings = Array.from(read('docs/runbook.md')!.matchAll(/^## (.*)$/gm), ([, title]) => title);
  expect(shown.map(({ title }) => title)).toEqual(headings);
  for (const { options } of shown) {
    expect(options.content).toMatch(/^[A-Z]/);
    expect(options.content).not.toMatch(/\]\((?!\/d\/)/);
    expect(options.content).not.toMatch(/\.(md|ts|ya?ml)\b/);
  }
});

test('the dashboard of the experiments shows each of the course, by its title and with its command', () => {
  const shown = panelsOf(boards.experiments!).map(({ title, options }) => [title, options.content]);
  const course = [...files('experiments/[0-9]*-*.yaml')].toSorted(([a], [b]) => a.localeCompare(b));
  const expected = course.map(([path, text]) => {
    const { title, description } = parse(text);
    return [title, `${description}\n\`\`\`sh\nbin/spillway run --slow-motion auto ${path}\n\`\`\`\n`];
  });
  expect(shown).toEqual(expected);
});

function panelsThatAsk(board: Dashboard): Panel[] {
  return panelsOf(board).filter(({ type }) => type !== 'text');
}

/** Returns the panels of a collapsed row; none for a panel. */
function inside(panel: Panel | RowPanel): Panel[] {
  return 'panels' in panel ? panel.panels : [];
}

/** Returns the title of the dashboard or panel that a URL of Grafana shows. */
function titleAt(url: string): string | undefined {
  const [, uid, id] = /^\/d\/([\w-]+)(?:\?viewPanel=(\d+))?$/.exec(url) ?? [];
  const board = Object.values(boards).find((one) => one.uid === uid);
  return id ? board && panelsOf(board).find((panel) => panel.id === Number(id))?.title : board?.title;
}

/** Expects the panels to fill the grid from row `top` on, without gaps or overlaps. */
function expectFilled(panels: readonly (Panel | RowPanel)[], top: number): void {
  const cells = panels.flatMap(({ gridPos }) => {
    const { x, y, w, h } = gridPos!;
    expect(x + w).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`);
  });
  const bottom = Math.max(top, ...panels.map(({ gridPos }) => gridPos!.y + gridPos!.h));
  expect(new Set(cells).size).toBe(cells.length);
  expect(cells.length).toBe(24 * (bottom - top));
}
