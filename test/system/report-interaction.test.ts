import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { FaultResult, VariantResult } from '#lab/result/result.ts';
import { coloursDrawn, lightnesses } from '#test/fixtures/opened-report.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { reports } from '#test/support/reports.ts';

const { open, show } = reports();

/** Resolves with the time that the cursor of each drawn chart shows. */
const cursors = (page: Page) => page.locator('.panel .u-legend tr:first-child .u-value').allTextContents();

/** Resolves with the entries of a chart's legend, one per variant. */
const legend = (page: Page, column: string) =>
  page.locator(`[data-column=${column}] .u-legend .u-series`).allTextContents();

const ranking = (page: Page) => page.locator('.ranking .name').allTextContents();

test('pointing into one chart over time moves the cursor of all', async () => {
  const { page } = await open();
  expect(new Set(await cursors(page))).toEqual(new Set(['–']));
  await page.locator('[data-column=inFlight] .u-over').hover({ position: { x: 60, y: 40 } });
  await expect.poll(async () => new Set(await cursors(page)).size).toBe(1);
  const [at] = await cursors(page);
  expect(at).toMatch(/^[\d.]+ s$/);
  expect((await legend(page, 'backlog')).join(' ')).toMatch(/ A0 D[1-9]\d+ E0$/);
});

test('all charts over time have one time axis, also for variants that end sooner', async () => {
  const { page } = await open();
  const over = page.locator('[data-column=inFlight] .u-over');
  const { width } = (await over.boundingBox())!;
  await over.hover({ position: { x: width - 2, y: 40 } });
  await expect.poll(async () => new Set(await cursors(page)).size).toBe(1);
  const [at = ''] = await cursors(page);
  expect(Number.parseFloat(at)).toBeGreaterThan(4);
  expect(await legend(page, 'breaker')).toContain('A–');
});

test('arrow keys move the cursor of a focused chart, and so of all, by a sample', async () => {
  const { page } = await open();
  await page.locator('[data-column=retries]').focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(async () => new Set(await cursors(page))).toEqual(new Set(['0 s']));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(async () => new Set(await cursors(page))).toEqual(new Set(['0.014 s']));
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => new Set(await cursors(page))).toEqual(new Set(['0.007 s']));
});

/** Divides a chart's width into 84 parts of 25 ms. Resolves with the parts that show the first variant's colour. */
const drawnParts = (page: Page, column: string) =>
  page.evaluate<number[]>(`(() => {
    const chart = document.querySelector('[data-column=${column}]');
    const canvas = chart.querySelector('canvas');
    const [box, plot] = [canvas, chart.querySelector('.u-over')].map((each) => each.getBoundingClientRect());
    const { data } = canvas
      .getContext('2d')
      .getImageData(plot.left - box.left, plot.top - box.top, plot.width, plot.height);
    const parts = new Set();
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === 0x0b && data[at + 1] === 0x5f && data[at + 2] === 0xb8)
        parts.add(Math.floor((((at / 4) % Math.round(plot.width)) / plot.width) * 84));
    }
    return [...parts].sort((a, b) => a - b);
  })()`);

test('the line of a process that does not answer has a gap, and the others go on', async () => {
  // The variant's series ends at 2.1 s and has a gap from 1 s to 1.5 s.
  const { page } = await open({ variants: 1, crash: true });
  const isSilent = (part: number) => part > 40 && part < 59;
  const retries = await drawnParts(page, 'retries');
  expect(retries.filter(isSilent)).toEqual([]);
  expect(retries.length).toBeGreaterThan(60);
  const inFlight = await drawnParts(page, 'inFlight');
  expect(inFlight.filter(isSilent)).toHaveLength(18);
});

test.each([1400, 360])(
  'a fault is shaded in every chart over time at %d px, with its name above',
  async (width) => {
    const result = makeResult({ crash: true });
    const [crash] = result.variants[0]!.faults as [FaultResult];
    const then = { ...crash, name: 'a-fault-soon-after-it', took: { fromMs: 1600, untilMs: 1650 } };
    const { page, trouble } = await show(
      { ...result, variants: result.variants.map((variant) => ({ ...variant, faults: [crash, then] })) },
      { viewport: { width, height: 800 } },
    );
    const charts = await page.locator('.panel:not(.empty)').all();
    expect(charts).toHaveLength(5);
    for (const chart of charts) {
      const plot = (await chart.locator('.u-over').boundingBox())!;
      const place = (ms: number) => plot.x + (ms / 4200) * plot.width;
      const [first, second] = await chart.locator('.band').all();
      const band = (await first!.boundingBox())!;
      expect(Math.abs(band.x - place(1000))).toBeLessThan(2);
      expect(Math.abs(band.x + band.width - place(1500))).toBeLessThan(2);
      expect(band.height).toBeCloseTo(plot.height, 0);
      expect((await second!.boundingBox())!.x).toBeGreaterThan(band.x + band.width);
      const names = chart.locator('.band-name');
      expect(await names.allTextContents()).toEqual(['crash', 'a-fault-soon-after-it']);
      const [one, other] = await Promise.all((await names.all()).map((name) => name.boundingBox()));
      for (const name of [one!, other!]) {
        expect(name.y + name.height).toBeLessThan(plot.y + 1);
        expect(name.x + name.width).toBeLessThan(plot.x + plot.width + 1);
      }
      expect(one!.y + one!.height).toBeLessThan(other!.y + 1);
    }
    expect(trouble).toEqual([]);
  },
);

test('a fault stays in its place when a chart is zoomed, and leaves with it', async () => {
  const { page } = await open({ variants: 1, crash: true });
  const chart = page.locator('[data-column=inFlight]');
  const band = chart.locator('.band');
  const zoom = async (from: number, to: number) => {
    const plot = (await chart.locator('.u-over').boundingBox())!;
    await page.mouse.move(plot.x + from * plot.width, plot.y + 50);
    await page.mouse.down();
    await page.mouse.move(plot.x + to * plot.width, plot.y + 50);
    await page.mouse.up();
  };
  await chart.scrollIntoViewIfNeeded();
  const before = (await band.boundingBox())!.width;
  await zoom(0.25, 0.75);
  await expect.poll(async () => (await band.boundingBox())!.width).toBeGreaterThan(1.8 * before);
  await zoom(0, 0.2);
  await expect.poll(() => band.isVisible()).toBe(false);
  expect(await chart.locator('.band-name').isVisible()).toBe(false);
});

test('an answer between two gaps is a dot', async () => {
  const result = makeResult({ variants: 1, points: 30 });
  const lonely = (column: readonly (number | null)[]) => column.map((_, i) => (i === 15 ? 1 : null));
  const [{ series }] = result.variants as [VariantResult];
  const { page } = await show(
    alter(result, 'rpc-guarded', { series: { ...series, inFlight: lonely(series.inFlight) } }),
  );
  expect((await drawnParts(page, 'inFlight')).length).toBeGreaterThan(0);
});

test('choosing a variant adds it to the charts over time, and choosing it again takes it away', async () => {
  const { page, trouble } = await open();
  const button = page.getByRole('button', { name: 'events-48' });
  expect(await page.locator('[data-column=dead] canvas').count()).toBe(0);
  await button.click();
  expect(await button.getAttribute('aria-pressed')).toBe('true');
  expect(await page.locator('[data-column=dead] canvas').count()).toBe(1);
  expect(await legend(page, 'inFlight')).toContain('I–');
  await button.click();
  expect(await page.locator('[data-column=dead] canvas').count()).toBe(0);
  expect(await legend(page, 'inFlight')).not.toContain('I–');
  expect(trouble).toEqual([]);
});

test('the charts over time are said in words, with the most, its time and the last of each variant shown', async () => {
  const { page } = await open({ variants: 2 });
  const words = () =>
    page.getByRole('img', { name: /^Calls in flight at the dependency\./ }).getAttribute('aria-label');
  expect(await words()).toMatch(
    /^Calls in flight at the dependency\. A, rpc-guarded: at most [\d,]+ at [\d.]+\u00a0m?s, at the end [\d,]+\. B, rpc-retries-bulkhead-40: /,
  );
  await page.getByRole('button', { name: 'rpc-guarded' }).click();
  expect(await words()).not.toContain('rpc-guarded');
  expect(await page.locator('.panel .u-wrap:not([role=img][aria-label])').count()).toBe(0);
});

test('the figures of the charts over time stand in a table, also of variants that are not shown', async () => {
  const { page } = await open({}, { javaScriptEnabled: false });
  await page.locator('#series summary').click();
  const table = page.getByRole('table', { name: 'Over time' });
  expect(await table.getByRole('rowheader').count()).toBe(9);
  const opensAt = table.getByRole('row', { name: 'rpc-guarded' }).getByRole('cell', { name: 'open' });
  expect(await opensAt.textContent()).toMatch(/^open at [\d.]+\u00a0msat the end closed$/);
});

test('the charts over time follow the width of the window', async () => {
  const { page } = await open();
  const widths = () =>
    page.locator('.uplot').evaluateAll((charts) => charts.map((chart) => chart.clientWidth));
  const frames = () =>
    page.locator('.panel:not(.empty)').evaluateAll((panels) => panels.map((panel) => panel.clientWidth));
  const before = await widths();
  expect(before).toEqual(await frames());
  await page.setViewportSize({ width: 420, height: 800 });
  await expect.poll(async () => (await widths()).join()).toBe((await frames()).join());
  expect(Math.max(...(await widths()))).toBeLessThan(Math.min(...before));
});

test('the charts over time take on the theme when it changes', async () => {
  const { page } = await open();
  const picture = () => page.evaluate<string>("document.querySelector('.panel canvas').toDataURL()");
  const light = await picture();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(picture).not.toBe(light);
  await expect.poll(async () => Math.min(...(await coloursDrawn(page)))).toBeGreaterThan(2);
});

test('the slider moves the deadline of the goodput chart and ranks the variants again', async () => {
  const { page } = await open();
  const slider = page.getByRole('slider', { name: 'Deadline' });
  expect(await page.locator('.reading output').textContent()).toBe('2\u00a0s');
  expect((await ranking(page)).slice(0, 3)).toEqual(['rpc-bulkhead-16', 'events-16', 'events-8']);
  await slider.focus();
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowLeft');
  expect(await page.locator('.reading output').textContent()).toBe('250\u00a0ms');
  expect(await slider.getAttribute('aria-valuetext')).toBe('250\u00a0ms');
  expect((await ranking(page)).slice(0, 3)).toEqual(['rpc-bulkhead-16', 'events-16', 'rpc-guarded']);
});

test('pointing into the goodput chart moves its deadline, pointing at a name makes the others step back', async () => {
  const { page, trouble } = await open();
  const plot = page.locator('.goodput .plot > svg');
  await plot.hover({ position: { x: 5, y: 20 } });
  expect(await page.locator('.reading output').textContent()).toBe('10\u00a0ms');
  await page.locator('.ranking li', { hasText: 'events-48' }).hover();
  expect(
    await page
      .locator('.goodput .line.focus')
      .evaluateAll((lines) => lines.map((line) => line.dataset.variant)),
  ).toEqual(['8']);
  const opacity = () =>
    page
      .locator('.goodput .line[data-variant="0"]')
      .evaluate((line) => line.computedStyleMap().get('opacity')?.toString());
  expect(await opacity()).toBe('0.18');
  await page.locator('h1').hover();
  expect(await opacity()).toBe('1');
  expect(trouble).toEqual([]);
});

test('the address keeps the chosen deadline and variants, and opens with them', async () => {
  const { page, trouble } = await open();
  await page.getByRole('slider', { name: 'Deadline' }).fill('3');
  const deadline = await page.locator('.reading output').textContent();
  await page.getByRole('button', { name: 'events-48' }).click();
  const address = page.url();
  expect(address).toContain('events-48');
  await page.goto('about:blank');
  await page.goto(address);
  expect(await page.locator('.reading output').textContent()).toBe(deadline);
  expect(await page.getByRole('button', { name: 'events-48' }).getAttribute('aria-pressed')).toBe('true');
  expect(trouble).toEqual([]);
});

test('pointing into the goodput chart shows a deadline until the pointer leaves, a click keeps it', async () => {
  const { page, trouble } = await open();
  const shown = () => page.locator('.reading output').textContent();
  const plot = page.locator('.goodput .plot > svg');
  await plot.hover({ position: { x: 5, y: 20 } });
  expect(await shown()).toBe('10\u00a0ms');
  await page.locator('h1').hover();
  expect(await shown()).toBe('2\u00a0s');
  expect(page.url()).not.toContain('deadline');
  await plot.click({ position: { x: 5, y: 20 } });
  await page.locator('h1').hover();
  expect(await shown()).toBe('10\u00a0ms');
  expect(page.url()).toContain('deadline=10ms');
  expect(trouble).toEqual([]);
});

const touch = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test('a tap into the goodput chart keeps its deadline', async () => {
  const { page } = await open({}, touch);
  await page.locator('.goodput .plot > svg').tap({ position: { x: 5, y: 20 } });
  expect(await page.locator('.reading output').textContent()).toBe('10\u00a0ms');
  expect(page.url()).toContain('deadline=10ms');
});

test.each([
  ['a touch screen', touch, '1'],
  ['a screen with a mouse elsewhere', {}, '0'],
])('buttons that save a chart have this opacity on %s', async (_, context, opacity) => {
  const { page } = await open({}, context);
  const found = await page
    .locator('.save')
    .evaluateAll((all) => all.map((one) => one.computedStyleMap().get('opacity')?.toString()));
  expect(new Set(found)).toEqual(new Set([opacity]));
});

test('a link to a folded section opens it', async () => {
  const { page } = await open();
  expect(await page.locator('#ledger table').first().isVisible()).toBe(false);
  await page.locator('#comparison a[href="#validity"]').click();
  await expect.poll(() => page.locator('#validity table').first().isVisible()).toBe(true);
});

test('each section has a link on its heading, which opens it if it is folded', async () => {
  const { page } = await open();
  const linked = await page
    .locator('h2 > .anchor, .folded > .anchor')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  const ids = await page
    .locator('main > section, details.fold')
    .evaluateAll((sections) => sections.map(({ id }) => `#${id}`));
  expect(linked).toEqual(ids);
  const [table, link] = [page.locator('#validity table').first(), page.locator('.anchor[href="#validity"]')];
  // The second click leads to the same address.
  for (const _ of [1, 2]) {
    await link.click();
    await expect.poll(() => table.isVisible()).toBe(true);
    expect(page.url()).toMatch(/#validity$/);
    await page.locator('#validity > summary').click();
    expect(await table.isVisible()).toBe(false);
  }
});

/** Clicks a chart's button. Resolves with the file that the browser saves. */
async function saved(page: Page, name: string) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name, exact: true }).click({ force: true }),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  return { name: download.suggestedFilename(), content: Buffer.concat(chunks) };
}

test('a chart is saved as a table of its values', async () => {
  const { page } = await open({ variants: 2 });
  const table = await saved(page, 'Save outcomes as CSV');
  expect(table.name).toBe('outcomes.csv');
  const [head, first, ...more] = table.content.toString().split('\r\n');
  expect(head).toMatch(/^"variant","goodput","offered","ok",/);
  expect(first).toMatch(/^"rpc-retries-bulkhead-40","0\.7\d+","2000",/);
  expect(more).toHaveLength(1);
  const series = (await saved(page, 'Save over-time-inFlight as CSV')).content.toString().split('\r\n');
  expect(series[0]).toBe('"variant","tMs","inFlight"');
  expect(series.length).toBeGreaterThan(500);
});

test.each(['outcomes', 'in-flight', 'goodput-by-deadline', 'over-time-inFlight'])(
  'chart %s is saved as a picture of it',
  async (name) => {
    const { page, trouble } = await open({ variants: 2 });
    const { content } = await saved(page, `Save ${name} as PNG`);
    const values = await lightnesses(page, content);
    expect(new Set(values).size).toBeGreaterThan(20);
    expect(trouble).toEqual([]);
  },
);

test('a saved chart over time names its variants, and the page keeps their letters', async () => {
  const { page } = await open({ variants: 2 });
  const before = await legend(page, 'inFlight');
  await page.evaluate(`{
    const { set } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src');
    Object.defineProperty(HTMLImageElement.prototype, 'src', {
      set(url) {
        if (url.startsWith('data:image/svg')) globalThis.drawn = decodeURIComponent(url);
        set.call(this, url);
      },
    });
  }`);
  await saved(page, 'Save over-time-inFlight as PNG');
  const labels = await page.evaluate<string[]>(`{
    const [, markup] = drawn.split(/^[^,]*,/);
    const root = new DOMParser().parseFromString(markup, 'image/svg+xml');
    [...root.querySelectorAll('.u-label')].map(({ textContent }) => textContent);
  }`);
  expect(labels).toEqual(['at', 'A rpc-guarded', 'B rpc-retries-bulkhead-40']);
  expect(await legend(page, 'inFlight')).toEqual(before);
});

test('the summary is copied as Markdown', async () => {
  const { page } = await open();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const button = page.getByRole('button', { name: 'Copy as Markdown' });
  await button.click();
  await expect.poll(() => page.locator('#copy').textContent()).toBe('Copied');
  expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^\*\*Held: A burst/);
});
