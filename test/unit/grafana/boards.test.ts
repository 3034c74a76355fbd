import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from 'vitest';
import { tag } from '#grafana/board.ts';
import { boards } from '#grafana/write.ts';
import { catalogue } from '#kit/metrics.ts';
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
import { read } from '#test/tidy/tree.ts';

const all = Object.values(boards).map((board): [string, Dashboard] => [board.title!, board]);
const recorded = Array.from(
  read('prometheus/rules/figures.yml')!.matchAll(/record: (\S+)/g),
  ([, name]) => name,
);
const names = new Set([...metricNames(), ...recorded]);
/** Labels of our metrics, of Node's, of Prometheus and of its rules. */
const labels = new Set([
  ...Object.values(catalogue).flatMap((metric) => metric.labels),
  ...['job', 'instance', 'lane', 'alertname', 'alertstate', 'path', 'variant', 'type'],
]);
const theirs = { type: 'prometheus', uid: '$datasource' };
const asking = (board: Dashboard): Panel[] => panelsOf(board).filter(({ type }) => type !== 'text');
/** Returns the panels of a collapsed row; none for a panel. */
const inside = (panel: Panel | RowPanel): Panel[] => ('panels' in panel ? panel.panels : []);

describe.each(all)('the dashboard %s', (_title, board) => {
  test('has another title for each panel, a description, and the tag by which the others find it', () => {
    const titles = panelsOf(board).flatMap(({ title }) => title || []);
    expect(new Set(titles).size).toBe(titles.length);
    expect(board.description).toMatch(/^[A-Z].*[.?]$/);
    expect(board.tags).toEqual([tag]);
    expect(board.refresh).toBe(asking(board).length > 0 ? '5s' : '');
  });

  test('begins with a choice of the data source, from which all else comes', () => {
    const variables = board.templating!.list!;
    expect(variables[0]).toMatchObject({ type: 'datasource', name: 'datasource', query: 'prometheus' });
    for (const { datasource } of [...variables.slice(1), ...annotationsOf(board), ...asking(board)])
      expect(datasource).toEqual(theirs);
    const isHome = board === Object.values(boards)[0];
    const marks = isHome ? ['Burst', 'Faults'] : ['Phases', 'Faults', 'Alerts'];
    expect(annotationsOf(board).map(({ name }) => name)).toEqual(marks);
  });

  test('numbers all panels, and fills a grid of 24 without gaps or overlaps, also in an opened row', () => {
    const ids = board.panels!.flatMap((panel) => [panel, ...inside(panel)]).map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expectFilled(board.panels!, 0);
    for (const row of board.panels!) expectFilled(inside(row), row.gridPos!.y + 1);
  });

  test('has panels that say what they show, in what unit, with a name for each series', () => {
    for (const panel of asking(board)) {
      expect(panel.description, panel.title).toMatch(/^[A-Z].{20,}[.?]$/s);
      const { unit, thresholds } = panel.fieldConfig!.defaults!;
      expect(unit, panel.title).toBeTruthy();
      // The colour of a large figure says whether it is good.
      if (panel.type === 'stat') expect(thresholds!.steps.length, panel.title).toBeGreaterThan(1);
      const legends = targetsOf(panel).map(({ legendFormat }) => legendFormat);
      expect(legends.length, panel.title).toBeGreaterThan(0);
      expect(new Set(legends.filter(Boolean)).size, panel.title).toBe(legends.length);
    }
  });

  test('asks in PromQL about metrics and labels that there are, and takes rates over $__rate_interval', () => {
    for (const { where, expr } of questionsOf(board)) {
      const { metrics, matchers, ranges } = parsePromql(fill(expr));
      expect(
        metrics.filter((name) => !names.has(name)),
        where,
      ).toEqual([]);
      const unknown = matchers.filter((matcher) => !labels.has(/^\w+/.exec(matcher)![0]));
      expect(unknown, where).toEqual([]);
      const rates = ranges.filter(([name]) => /^(i?rate|increase|i?delta|deriv)$/.test(name));
      expect(
        rates.filter(([, range]) => range !== '11s'),
        where,
      ).toEqual([]);
    }
    for (const { metric, label } of variablesOf(board)) {
      for (const name of parsePromql(fill(metric)).metrics) expect(names).toContain(name);
      expect(labels).toContain(label);
    }
  });

  test('leads only to dashboards and panels that there are, by their titles', () => {
    const text = JSON.stringify(board);
    expect(text).not.toMatch(/https?:/);
    for (const [url] of text.matchAll(/\/d\/[\w-]+(\?viewPanel=\d+)?/g))
      expect(titleAt(url), url).toBeDefined();
    for (const { title, url } of asking(board).flatMap(({ links }) => links ?? []))
      expect(titleAt(url!)).toBe(title);
  });
});

test('the home board fits on a screen of 1280 × 800, on which Grafana needs 130 px of its own', () => {
  const bottoms = panelsOf(Object.values(boards)[0]!).map(({ gridPos }) => gridPos!.y + gridPos!.h);
  expect(Math.max(...bottoms) * 38).toBeLessThanOrEqual(800 - 130);
});

test('the overview has rate, errors and duration on its first screen', () => {
  const open = boards.overview!.panels!.map(({ title }) => title);
  expect(open).toEqual(
    expect.arrayContaining(['Ended requests and deliveries', 'Error ratio', 'Duration, p99']),
  );
});

test('the queries of the dashboard of an experiment are limited to the chosen variants', () => {
  const free = questionsOf(boards.experiment!).filter(
    ({ where, expr }) => !where.includes('annotation') && !expr.includes('variant=~"$variant"'),
  );
  expect(free).toEqual([]);
});

test('the runbook has a panel for each section', () => {
  const headings = Array.from(read('docs/runbook.md')!.matchAll(/^## (.*)$/gm), ([, title]) => title);
  expect(panelsOf(boards.runbook!).map(({ title }) => title)).toEqual(headings);
  for (const { options } of panelsOf(boards.runbook!)) {
    expect(options.content).toMatch(/^[A-Z]/);
    expect(options.content).not.toMatch(/\]\(|\.(md|ts|ya?ml)\b/);
  }
});

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
