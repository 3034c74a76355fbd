import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '#kit/process/installation.ts';
import { reportBrowser } from '#test/fixtures/opened-report.ts';
import { testFolder } from '#test/support/folder.ts';
import { listening } from '#test/support/listening.ts';

test('the scripts of the site workflow write pages that work under a path, and ask for no other file', async () => {
  const { build } = parse(readFileSync(join(root, '.github/workflows/site.yml'), 'utf8')).jobs;
  const scripts: string[] = build.steps.flatMap(({ run }: { run?: string }) => run ?? []);
  const ours = scripts.filter((script) => !script.startsWith('npm ci')).join('\n');
  const folder = testFolder();
  execFileSync('bash', ['-ec', ours.replaceAll('bin/spillway', join(root, 'bin/spillway'))], { cwd: folder });
  const served = createServer(({ url = '' }, response) => {
    const file = url.replace('/spillway/', '').replace(/^$/, 'index.html');
    response.setHeader('content-type', 'text/html').end(readFileSync(join(folder, 'site', file)));
  });
  const base = `http://127.0.0.1:${await listening(served)}/spillway/`;

  await using browser = await reportBrowser();
  await using opened = await browser.showPage('');
  const asked: string[] = [];
  opened.page.on('request', (request) => asked.push(request.url()));
  const paths = ['', 'reports/00-demo.html', 'reports/05-metastable.html', 'reports/11-hidden-backlog.html'];
  for (const path of paths) {
    await opened.page.goto(base + path);
    expect(await opened.page.title()).toMatch(/\w.*Spillway|Spillway.*\w/);
  }
  const others = asked.filter((url) => /^https?:/.test(url) && !/favicon/.test(url));
  expect(others).toEqual(paths.map((path) => base + path));
});
