import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { reportBrowser } from '#test/fixtures/opened-report.ts';
import { testFolder } from '#test/support/folder.ts';

afterEach(() => vi.unstubAllEnvs());

test('vitest leaves nothing in the home folder', () => {
  const home = testFolder();
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const { PATH } = process.env; // and nothing that says where else such files may be
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project', 'unit', 'test/unit/tally.test.ts'],
    { env: { PATH, HOME: home }, stdio: 'ignore' },
  );
  expect(status).toBe(0);
  expect(readdirSync(home)).toEqual([]);
});

test('reportBrowser leaves nothing in the home folder', async () => {
  const home = testFolder();
  vi.stubEnv('HOME', home);
  await using browser = await reportBrowser();
  const { page } = await browser.open();
  expect(await page.title()).not.toBe('');
  expect(readdirSync(home)).toEqual([]);
});

test('reportBrowser starts what SPILLWAY_CHROMIUM names, and nothing else', async () => {
  vi.stubEnv('SPILLWAY_CHROMIUM', '/nowhere/chromium');
  await expect(reportBrowser()).rejects.toThrow('chromium not found');
});
