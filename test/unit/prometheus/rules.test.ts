import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { boards } from '#grafana/write.ts';
import { panelsOf } from '#test/support/dashboards.ts';
import { metricNames } from '#test/support/metric-names.ts';
import { parsePromql } from '#test/support/promql.ts';
import { brokenLinks } from '#test/tidy/prose.ts';
import { files, read } from '#test/tidy/tree.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

const rules: Rule[] = [...files('prometheus/rules/*.yml').values()].flatMap((text) =>
  parse(text).groups.flatMap((group: { rules: Rule[] }) => group.rules),
);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const recorded = rules.flatMap(({ record }) => record ?? []);
const known = metricNames();
/** Port at which `docker compose up` publishes Grafana. */
const [, grafanaPort] = /^GRAFANA_PORT=(\d+)$/m.exec(read('.env')!) ?? [];
const named = rules.map((rule): [string, Rule] => [rule.alert ?? rule.record!, rule]);

test('there are alerts and recorded figures', () => {
  expect([alerts.length, recorded.length].every((count) => count > 5)).toBe(true);
});

test.each(named)('%s asks for what there is, and for no bound of a bucket', (_name, { expr }) => {
  const { metrics, matchers } = parsePromql(expr);
  expect(metrics.filter((name) => !known.has(name) && !recorded.includes(name))).toEqual([]);
  // A rule must not select buckets by their bound, since Prometheus 3 writes bounds in another format.
  expect(matchers.filter((matcher) => /^le\b/.test(matcher))).toEqual([]);
});

test('each rule is tested', () => {
  const tests = [...files('test/prometheus/*.yml').values()].flatMap((text) => parse(text).tests);
  const tested = tests.flatMap(({ alert_rule_test = [], promql_expr_test = [] }) => [
    ...alert_rule_test.map(({ alertname }: { alertname: string }) => alertname),
    ...promql_expr_test.map(({ expr }: { expr: string }) => expr),
  ]);
  expect(named.map(([name]) => name).filter((name) => !tested.includes(name))).toEqual([]);
});

test.each(alerts.map((rule): [string, Rule] => [rule.alert!, rule]))(
  '%s says how bad it is, what it means and where to read on',
  (name, { labels, annotations = {} }) => {
    expect(labels?.severity).toMatch(/^(warning|critical)$/);
    expect(annotations).toMatchObject({ summary: expect.any(String), description: expect.any(String) });
    const heading = name.replace(/(?<!^)[A-Z]/g, (capital) => `-${capital}`).toLowerCase();
    expect(brokenLinks('here.md', `[runbook](docs/runbook.md#${heading})`, read)).toEqual([]);
    const section = panelsOf(boards.runbook!).find(({ title }) => anchorOf(title!) === heading);
    const path = `/d/${boards.runbook!.uid}/${heading}?viewPanel=${section?.id}`;
    expect(annotations.runbook_url).toBe(`http://localhost:${grafanaPort}${path}`);
  },
);

test('the runbook is about alerts that there are', () => {
  const headings = Array.from(read('docs/runbook.md')!.matchAll(/^## (.*)$/gm), ([, title]) => title);
  const titles = alerts.map(({ alert }) =>
    alert!.replace(/(?<!^)[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`),
  );
  expect(headings.toSorted()).toEqual(titles.toSorted());
});

const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-');
