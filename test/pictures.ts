import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasResult, readResult } from '#lab/conduct/run-folder.ts';
import { figureName, figureShown } from '#lab/experiment/metrics/shown.ts';
import { renderSweepPage } from '#lab/explore/page/page.ts';
import type { SweepResult } from '#lab/explore/result.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { comparedIn } from '#lab/judge/simulations.ts';
import { plain, utc } from '#lab/kit/text/format.ts';
import { findingOf } from '#lab/show/conclusion/finding.ts';
import { plainWords } from '#lab/show/conclusion/words.ts';
import { renderTable } from '#lab/show/terminal/table.ts';
import { reportBrowser } from './fixtures/opened-report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pictures = join(root, 'docs/pictures');
const runs = process.argv[2] ?? join(root, 'runs');

/** Returns the newest sweep or whole, valid run of each experiment in a folder of runs. */
const newest = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const all = readdirSync(join(folder, name)).sort().reverse();
    return all.map((run) => join(folder, name, run)).find(isShown) ?? [];
  });

const isShown = (run: string): boolean =>
  existsSync(join(run, 'sweep.json')) || (hasResult(run) && isWhole(readJson(join(run, 'result.json'))));

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** True for a single, valid run of all variants with their faults. */
const isWhole = ({ status, leftOut, rounds, withoutFaults }: Result): boolean =>
  ['held', 'measured', 'failed'].includes(status) && !leftOut && !rounds && !withoutFaults;

await using browser = await reportBrowser();
mkdirSync(pictures, { recursive: true });
for (const run of newest(runs)) {
  if (existsSync(join(run, 'sweep.json'))) {
    await drawMap(readJson(join(run, 'sweep.json')));
    continue;
  }
  const result = await readResult(run);
  const { name } = result.experiment;
  const page = `docs/course/${name}.md`;
  if (!existsSync(join(root, page))) continue;
  await draw(result, join(pictures, `${name}.png`));
  caption(result, page);
  compare(result, page);
  print(result, page);
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

/** Writes the picture's link between the marks in a page, with a caption of what the result says of its run. */
function caption(result: Result, page: string): void {
  const { command, experiment, spillway, startedAt } = result;
  const path = `../pictures/${experiment.name}.png`;
  const finding = plain(findingOf(result).map(plainWords).join(' '));
  const text = `![${finding}](${path})\n*\`${command}\`, ${utc(startedAt)}, Spillway ${spillway}*`;
  fill(page, 'picture', text);
}

/** Writes the table that the terminal shows of a run into a page with a place for it. */
function print(result: Result, page: string): void {
  const blocks = renderTable(result, { colour: false, width: 100 }).trimEnd().split('\n\n');
  const block = blocks.find((block) => block.startsWith('variant ')) ?? '';
  const table = block.replace(/\nNo room for .*/s, '');
  const text = readFileSync(join(root, page), 'utf8');
  if (text.includes('<!-- table -->')) fill(page, 'table', ['```', plain(table), '```'].join('\n'));
}

/** Writes a text between the marks of a page. Throws an Error if the page has no such marks. */
function fill(page: string, mark: string, text: string): void {
  const file = join(root, page);
  const before = readFileSync(file, 'utf8');
  const marked = new RegExp(`(<!-- ${mark} -->\n).*?(<!-- /${mark} -->)`, 's');
  if (!marked.test(before))
    throw new Error(`${page} has no place for it: expected <!-- ${mark} --> and <!-- /${mark} -->`);
  writeFileSync(
    file,
    before.replace(marked, (_, begin, end) => `${begin}${text}\n${end}`),
  );
}

/**
 * Writes a table of the law, the simulation and the run into a page that has a place for it. Keeps the law's figures
 * as they are in the page.
 */
function compare(result: Result, page: string): void {
  const [, before] =
    /<!-- compared -->\n(.*?)<!-- \/compared -->/s.exec(readFileSync(join(root, page), 'utf8')) ?? [];
  if (before === undefined) return;
  const cells = before.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const lawOf = (variant: string, figure: string) =>
    cells.find(([, ...row]) => row[0] === variant && row[1] === figure)?.[3] ?? '';
  const rows = result.variants.flatMap(({ name }) =>
    comparedIn(result, name)
      .filter(({ metric }) => metric === 'goodput' || metric === 'amplification')
      .map(({ metric, ideal, withOverhead, measured }) => {
        const show = (value: number | null | undefined) => plain(figureShown(metric, value ?? null));
        return [
          ...[name, figureName(metric), lawOf(name, figureName(metric))],
          ...[show(ideal?.value), show(withOverhead?.value), show(measured)],
        ];
      }),
  );
  const heads = ['variant', 'figure', 'law', 'simulated', 'with overhead', 'on sockets'];
  const lines = [heads, heads.map((_, column) => (column < 2 ? '---' : '---:')), ...rows];
  fill(page, 'compared', lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
}

/** Saves the map of a sweep, and writes its link into the page of the experiment. */
async function drawMap(sweep: SweepResult): Promise<void> {
  const { name } = sweep.experiment;
  await using opened = await browser.showPage(renderSweepPage(sweep), {
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1.25,
  });
  // A picture has no use for what moves.
  await opened.page.addStyleTag({ content: '#map :is(.choices, .lead, output) { display: none }' });
  await opened.page.locator('#map').screenshot({ path: join(pictures, `${name}-map.png`) });
  const [across, up] = sweep.paths;
  const text = `![Share of simulated seeds in which the variant never recovers, over ${across!.path} and ${up!.path}](../pictures/${name}-map.png)\n*\`${sweep.command}\`, ${utc(sweep.startedAt)}, Spillway ${sweep.spillway}*`;
  fill(`docs/course/${name}.md`, 'map', text);
}
