import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocal } from '#lab/testbed/local/local.ts';
import { testFolder } from '#test/support/folder.ts';
import { promtool } from '#test/support/promtool.ts';
import { until } from '#test/support/until.ts';

/** A testbed with a stand-in for Prometheus that says when it is asked to end. */
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
  // In a container the token is where compose puts it.
  const text = readFileSync(config, 'utf8').replaceAll('/run/spillway/control-token', token);
  writeFileSync(config, text);
  const { status, said } = promtool('check', 'config', '--lint=all', '--lint-fatal', config);
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('2 rule files found') });
});

test.each(['figures', 'alerts'])('the %s are what test/prometheus says', (name) => {
  const { status, said } = promtool('test', 'rules', at(`test/prometheus/${name}.yml`));
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
});
