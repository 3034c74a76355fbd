import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
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
