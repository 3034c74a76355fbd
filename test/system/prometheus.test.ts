import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { growth } from '#grafana/promql.ts';
import { fill } from '#test/support/dashboards.ts';
import { testFolder } from '#test/support/folder.ts';
import { promtool } from '#test/support/promtool.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test('promtool finds nothing wrong with prometheus.yml and its rules', () => {
  const folder = testFolder();
  cpSync(at('prometheus'), folder, { recursive: true });
  const config = join(folder, 'prometheus.yml');
  const token = join(folder, 'control-token');
  writeFileSync(token, 'token');
  // The file has the token's path in a container.
  const text = readFileSync(config, 'utf8').replaceAll('/run/spillway/control-token', token);
  writeFileSync(config, text);
  const { status, said } = promtool('check', 'config', '--lint=all', '--lint-fatal', config);
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('2 rule files found') });
});

test.each(['figures', 'alerts'])('the %s are what test/prometheus says', (name) => {
  const { status, said } = promtool('test', 'rules', at(`test/prometheus/${name}.yml`));
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
});

test('growth: its sum over steps is exact', () => {
  const file = join(testFolder(), 'growth.yml');
  const query = fill(growth('spillway_retries_total', 'job'), { interval: '1s' });
  const cases: [name: string, values: string[], growth: number][] = [
    ['a counter that grows', ['0+10x12'], 120],
    ['a counter that appears later', ['_x2 30+10x3'], 60],
    ['failed scrapes', ['0+10x5 stale _ _ 50+10x3'], 80],
    ['a restart', ['0+10x5 20+10x2'], 90],
    ['no scrapes for two minutes', ['0+10x5 _x120'], 50],
    ['a replica that disappears', ['0+10x5 stale', '0+10x12'], 170],
  ];
  const tests = cases.map(([name, values, value]) => ({
    name,
    interval: '1s',
    input_series: values.map((one, index) => ({
      series: `spillway_retries_total{job="gateway",instance="${index}"}`,
      values: one,
    })),
    promql_expr_test: [
      {
        expr: `sum_over_time((${query})[2m:1s])`,
        eval_time: '2m',
        exp_samples: [{ labels: '{job="gateway"}', value }],
      },
    ],
  }));
  writeFileSync(file, JSON.stringify({ evaluation_interval: '1s', tests }));
  const { status, said } = promtool('test', 'rules', file);
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
});
