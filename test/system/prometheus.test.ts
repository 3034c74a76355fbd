import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocal } from '#lab/testbed/local/local.ts';
import { testFolder } from '#test/support/folder.ts';
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
