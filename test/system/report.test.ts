import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '#lab/report/report.ts';
import type { Status } from '#lab/result.ts';
import { makeResult, type ResultOptions } from '#test/fixtures/result.ts';

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const folder = mkdtempSync(join(tmpdir(), 'spillway-report-'));
let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Whatever should not be there: errors on the console and requests for anything but the file itself. */
  readonly trouble: string[];
}

let files = 0;

async function open(options: ResultOptions = {}, context: BrowserContextOptions = {}): Promise<Opened> {
  const file = join(folder, `${files++}.html`);
  writeFileSync(file, renderReport(makeResult(options)));
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, ...context });
  const url = pathToFileURL(file).href;
  const trouble: string[] = [];
  page.on('console', (message) => trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) trouble.push(request.url());
  });
  await page.goto(url);
  return { page, trouble, [Symbol.asyncDispose]: () => page.close() };
}

/** By how much the page is wider than the window. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Of each drawn chart, how many different colours its canvas shows. */
const coloursDrawn = (page: Page) =>
  page.locator('.panel canvas').evaluateAll((canvases) =>
    canvases.map((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      const colours = new Set<number>();
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3]! > 250) colours.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
      return colours.size;
    }),
  );

/** What every drawn chart says its cursor is at. */
const cursors = (page: Page) => page.locator('.panel .u-legend tr:first-child .u-value').allTextContents();

const sizes = [1400, 768, 360].flatMap((width) => [
  { width, scheme: 'light' as const },
  { width, scheme: 'dark' as const },
]);

describe('the report in a browser', () => {
  test.each(sizes)(
    'fits $width px in $scheme, with all charts drawn and no trouble',
    async ({ width, scheme }) => {
      await using opened = await open({}, { viewport: { width, height: 800 }, colorScheme: scheme });
      expect(await overflow(opened.page)).toBe(0);
      const colours = await coloursDrawn(opened.page);
      expect(colours).toHaveLength(5);
      expect(Math.min(...colours)).toBeGreaterThan(2);
      expect(opened.trouble).toEqual([]);
    },
  );

  test('shows every section under its heading, in the order of the navigation', async () => {
    await using opened = await open();
    const { page } = opened;
    for (const heading of await page.locator('section > h2').all())
      expect(await heading.isVisible()).toBe(true);
    const linked = await page
      .locator('nav a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    const ids = await page.locator('section').evaluateAll((sections) => sections.map(({ id }) => `#${id}`));
    expect(linked).toEqual(ids);
    expect(ids).toHaveLength(13);
  });

  test.each([
    ['held', 'Held'],
    ['failed', 'Failed'],
    ['invalid', 'Invalid'],
    ['error', 'Error'],
    ['interrupted', 'Interrupted'],
  ] as [Status, string][])('says at the top of the window that the result is %s', async (status, word) => {
    await using opened = await open({ status }, { viewport: { width: 360, height: 640 } });
    const verdict = opened.page.locator('#verdict');
    expect(await verdict.locator('.word').textContent()).toBe(word);
    const box = (await verdict.boundingBox())!;
    expect(box.y + box.height).toBeLessThan(640);
    expect(opened.trouble).toEqual([]);
  });

  test.each([{ variants: 0 }, { variants: 1, points: 0 }, { variants: 1 }])(
    'is a page without trouble for $variants variants and $points points',
    async (options) => {
      await using opened = await open(options, { viewport: { width: 360, height: 800 } });
      expect(await overflow(opened.page)).toBe(0);
      expect(opened.trouble).toEqual([]);
    },
  );

  test('is readable without JavaScript', async () => {
    await using opened = await open({}, { javaScriptEnabled: false });
    expect(await opened.page.locator('#verdict .word').isVisible()).toBe(true);
    expect(await opened.page.getByText('These charts need JavaScript').isVisible()).toBe(true);
    expect(await opened.page.locator('#goodput .plot path').count()).toBe(9);
  });

  test('lets nothing out', async () => {
    await using opened = await open();
    const sent = opened.page.evaluate(() =>
      fetch('http://127.0.0.1:9/').then(
        () => 'sent',
        () => 'refused',
      ),
    );
    expect(await sent).toBe('refused');
    expect(opened.trouble.filter((text) => text.startsWith('http'))).toEqual([]);
    expect(opened.trouble.join()).toContain('Content Security Policy');
  });

  test('names all tables, pictures and controls, and skips no level of heading', async () => {
    await using opened = await open();
    const { page } = opened;
    expect(await page.locator('svg[role=img]:not([aria-label])').count()).toBe(0);
    expect(await page.locator('svg:not([role=img]):not([aria-hidden]):not(svg svg)').count()).toBe(0);
    expect(await page.locator('table:not(:has(caption)):not(.u-legend)').count()).toBe(0);
    expect(await page.getByRole('slider', { name: 'Deadline' }).count()).toBe(1);
    const levels = await page
      .locator('h1, h2, h3')
      .evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
    expect(levels[0]).toBe(1);
    expect(levels.filter((level, i) => level - (levels[i - 1] ?? level) > 1)).toEqual([]);
  });

  test('scrolls a wide table in its own frame, with the first column in sight', async () => {
    await using opened = await open({}, { viewport: { width: 360, height: 800 } });
    const frame = opened.page.locator('#comparison .scroll');
    const name = frame.locator('tbody th').first();
    const before = (await name.boundingBox())!.x;
    expect(await frame.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeGreaterThan(100);
    await frame.evaluate((element) => element.scrollTo({ left: 100 }));
    expect((await name.boundingBox())!.x).toBeCloseTo(before, 0);
  });
});
