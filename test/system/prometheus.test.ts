import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { growth } from '#grafana/promql.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { fill } from '#test/support/dashboards.ts';
import { testFolder } from '#test/support/folder.ts';
import { promtool } from '#test/support/promtool.ts';
import { until } from '#test/support/until.ts';

/** Starts a testbed with a fake Prometheus. The fake writes a file when it is asked to end. */
async function start() {
  const logFolder = testFolder();
  const file = join(logFolder, 'prometheus');
  writeFileSync(
    file,
    `#!/usr/bin/env node
process.on('SIGTERM', () => { console.log('asked to end'); process.exit(); });
console.log('Server is ready to receive web requests');
setInterval(() => {}, 1000);
`,
    { mode: 0o755 },
  );
  vi.stubEnv('SPILLWAY_PROMETHEUS', file);
  onTestFinished(() => void vi.unstubAllEnvs());
  const testbed = await startLocal({ logFolder, ports: { prometheus: { traffic: 4159 } } });
  onTestFinished(() => testbed.stop());
  const log = () => readFileSync(join(logFolder, 'prometheus.log'), 'utf8');
  return { testbed, log };
}

test('a testbed says where its Prometheus is, and lets it end in its own way', async () => {
  const { testbed, log } = await start();
  expect(testbed.prometheusUrl).toBe('http://127.0.0.1:4159');
  await testbed.stop();
  await until(() => log().includes('asked to end'));
});

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

test.each<[series: string, values: string[], growth: number]>([
  ['a counter that grows', ['0+10x12'], 120],
  ['a counter that appears later', ['_x2 30+10x3'], 60],
  ['failed scrapes', ['0+10x5 stale _ _ 50+10x3'], 80],
  ['a restart', ['0+10x5 20+10x2'], 90],
  ['no scrapes for two minutes', ['0+10x5 _x120'], 50],
  ['a replica that disappears', ['0+10x5 stale', '0+10x12'], 170],
])('growth: its sum over steps is exact for %s', (_case, values, total) => {
  const file = join(testFolder(), 'growth.yml');
  const query = fill(growth('spillway_retries_total', 'job'), { interval: '1s' });
  const series = values.map((one, index) => ({
    series: `spillway_retries_total{job="gateway",instance="${index}"}`,
    values: one,
  }));
  const expected = {
    expr: `sum_over_time((${query})[2m:1s])`,
    eval_time: '2m',
    exp_samples: [{ labels: '{job="gateway"}', value: total }],
  };
  const tests = [{ interval: '1s', input_series: series, promql_expr_test: [expected] }];
  writeFileSync(file, JSON.stringify({ evaluation_interval: '1s', tests }));
  const { status, said } = promtool('test', 'rules', file);
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
});
