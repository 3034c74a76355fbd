import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { tag } from '#grafana/board.ts';
import { pages } from '#grafana/panels.ts';
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
    expect(board.description).toMatch(/^[A-Z].*\.$/);
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

  test('numbers its panels, and fills a grid of 24 without gaps at the side and without overlaps', () => {
    const placed = board.panels!;
    expect(placed.map(({ id }) => id)).toEqual(placed.map((_, index) => index + 1));
    const cells = new Map<string, number>();
    for (const { gridPos } of placed) {
      const { x, y, w, h } = gridPos!;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          const cell = `${column}/${line}`;
          cells.set(cell, (cells.get(cell) ?? 0) + 1);
        }
      }
    }
    expect([...cells].filter(([, count]) => count > 1)).toEqual([]);
    const bottom = Math.max(...placed.map(({ gridPos }) => gridPos!.y + gridPos!.h));
    expect(cells.size).toBe(24 * bottom);
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
    // A large figure needs to say whether it is good.
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

  test('names files that there are', () => {
    for (const file of filesIn(panel)) expect(read(file), file).toBeDefined();
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

test.each(all)(
  'the dashboard %s names the runbook, and leads nowhere outside of Grafana',
  (_title, board) => {
    expect(read(pages.runbook)).toBeDefined();
    expect(board.description).toContain(pages.runbook);
    expect(JSON.stringify(board)).not.toMatch(/https?:/);
  },
);

test('the dashboard of the experiments shows each of the course, by its title and with its command', () => {
  const shown = panelsOf(boards.experiments!).map(({ title, options }) => [title, options.content]);
  const course = [...files('experiments/[0-9]*-*.yaml')].toSorted(([a], [b]) => a.localeCompare(b));
  const expected = course.map(([path, text]) => {
    const { title, description } = parse(text);
    return [title, `${description}\n\`\`\`sh\nbin/spillway run --slow-motion auto ${path}\n\`\`\`\n`];
  });
  expect(shown).toEqual(expected);
});

test.each(panels)('the panel %s leads to experiments that it names', (_where, { links = [], ...panel }) => {
  const titles = filesIn(panel as Panel).filter((file) => file.startsWith('experiments/'));
  expect(links.map(({ title }) => title)).toEqual(titles.map((file) => parse(read(file)!).title));
  for (const { title, url } of links) {
    const [, uid, id] = /^\/d\/([\w-]+)\?viewPanel=(\d+)$/.exec(url!) ?? [];
    const target = Object.values(boards).find((board) => board.uid === uid);
    expect(target?.panels?.find((one) => one.id === Number(id))?.title).toBe(title);
  }
});

/** Returns the panels with queries. */
function panelsThatAsk(board: Dashboard): Panel[] {
  return panelsOf(board).filter(({ type }) => type !== 'text');
}

/** The files that a panel names. */
function filesIn({ description = '' }: Panel): string[] {
  return description.match(/[\w./-]+\.(md|yaml)\b/g) ?? [];
}
