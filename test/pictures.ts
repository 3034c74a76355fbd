import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readResult } from '#lab/cli/run-folder.ts';
import { plainWords } from '#lab/report/conclusion/conclusion.ts';
import { findingOf } from '#lab/report/conclusion/finding.ts';
import { renderReport } from '#lab/report/report.ts';
import type { Result } from '#lab/result/result.ts';
import { plain } from '#lab/text/format.ts';
import { reportBrowser } from './fixtures/opened-report.ts';

/** Pages that show an experiment's picture besides its page of the course. */
const otherPages: Readonly<Record<string, readonly string[]>> = {
  '00-demo': ['README.md'],
};

/** Runs whose reports are in docs/samples. */
const samples = ['00-demo', '05-metastable', '11-hidden-backlog'];

const root = fileURLToPath(new URL('..', import.meta.url));
const pictures = join(root, 'docs/pictures');
const runs = process.argv[2] ?? join(root, 'runs');

/** Returns the newest run of each experiment in a folder of runs. */
const newest = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const last = readdirSync(join(folder, name)).sort().at(-1);
    return last === undefined ? [] : [join(folder, name, last)];
  });

await using browser = await reportBrowser();
for (const folder of [pictures, join(root, 'docs/samples')]) mkdirSync(folder, { recursive: true });
for (const run of newest(runs)) {
  const result = await readResult(run);
  const { name } = result.experiment;
  const pages = [`docs/course/${name}.md`, ...(otherPages[name] ?? [])].filter((page) =>
    existsSync(join(root, page)),
  );
  if (pages.length === 0) continue;
  await draw(result, join(pictures, `${name}.png`));
  for (const page of pages) caption(result, page);
  if (samples.includes(name)) writeFileSync(join(root, 'docs/samples', `${name}.html`), renderReport(result));
  process.stdout.write(`${name}: ${run}\n`);
}

/** Saves a picture of the report's charts: how the requests ended, and the requests in flight. */
async function draw(result: Result, file: string): Promise<void> {
  await using opened = await browser.show(result, {
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1.25,
  });
  await opened.page.locator('#outcomes').screenshot({ path: file });
}

/** Writes the picture's link and its caption between the marks in a page. The caption names the run. */
function caption(result: Result, page: string): void {
  const { experiment, startedAt } = result;
  const file = join(root, page);
  const depth = page.split('/').length - 1;
  const path = `${page.startsWith('docs/') ? '../'.repeat(depth - 1) : 'docs/'}pictures/${experiment.name}.png`;
  const finding = plain(findingOf(result).map(plainWords).join(' '));
  const command = `bin/spillway run --slow-motion auto ${experiment.name}`;
  const text = `![${finding}](${path})\n*\`${command}\`, seed ${experiment.seed}, ${startedAt.slice(0, 10)}*`;
  const before = readFileSync(file, 'utf8');
  const after = before.replace(
    /(<!-- picture -->\n).*?(<!-- \/picture -->)/s,
    (_, begin, end) => `${begin}${text}\n${end}`,
  );
  if (after === before && !before.includes('<!-- picture -->'))
    throw new Error(`${page} has no place for a picture: expected <!-- picture --> and <!-- /picture -->`);
  writeFileSync(file, after);
}
