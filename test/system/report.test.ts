import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { coloursDrawn, overflow, seriousViolations } from '#test/fixtures/opened-report.ts';
import { alter, type MadeResult, makeResult } from '#test/fixtures/result.ts';
import { tenRounds } from '#test/fixtures/rounds.ts';
import { reports } from '#test/support/reports.ts';

const { open, show } = reports();

const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 } };
const [nine, few] = [{}, { variants: 3 }].map((more) =>
  makeResult({ status: 'failed', crash: true, ...more }),
) as [MadeResult, MadeResult];
const unfold = "for (const each of document.querySelectorAll('details')) each.open = true";

test.each([
  ['nine variants', nine],
  ['ten rounds', tenRounds(3)],
])('the report of %s fits a phone and a desktop, and is short', async (_, result) => {
  const { page, trouble } = await show(result, { ...phone, colorScheme: 'dark' });
  for (const [{ viewport }, screensMax] of [[phone, 10] as const, [wide, 6] as const]) {
    await page.setViewportSize(viewport);
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    expect(height / viewport.height).toBeLessThanOrEqual(screensMax);
    expect(await overflow(page)).toBe(0);
    const verdict = (await page.locator('#verdict').boundingBox())!;
    expect(verdict.y + verdict.height).toBeLessThan(viewport.height);
  }
  // A number in a table counts as a word.
  expect(await page.evaluate<number>('document.body.innerText.split(/\\s+/).length')).toBeLessThanOrEqual(
    1200,
  );
  expect(Math.min(...(await coloursDrawn(page)))).toBeGreaterThan(2);
  expect(trouble).toEqual([]);
});

test.each([
  ['three variants', 'light', few],
  ['ten rounds', 'dark', tenRounds(2)],
] as const)(
  'the report of %s violates no serious rule of accessibility (%s)',
  async (_, colorScheme, result) => {
    const { page } = await show(result, { ...phone, colorScheme });
    await page.evaluate(unfold);
    expect(await seriousViolations(page)).toEqual([]);
  },
);

test('the report keeps every text in its cell, and shows the focus of all that the keyboard reaches', async () => {
  const [first] = few.variants;
  const { page } = await show(alter(few, first!.name, { name: 'w'.repeat(40) }), phone);
  await page.evaluate(unfold);
  const outside = await page.evaluate<
    string[]
  >(`[...document.querySelectorAll('.scroll th, .scroll td')].filter((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    const box = cell.getBoundingClientRect();
    return [...range.getClientRects()].some(({ left, right }) => left < box.left - 1 || right > box.right + 1);
  }).map((cell) => cell.textContent)`);
  expect(outside).toEqual([]);
  const reached: (string | null)[] = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate<string | undefined>(`(() => {
      const element = document.activeElement;
      if (element === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 ? 'outlined' : element.outerHTML.slice(0, 80);
    })()`);
    if (name === undefined) break;
    reached.push(name);
  }
  expect(reached.length).toBeGreaterThan(20);
  expect(reached.filter((name) => name !== 'outlined')).toEqual([]);
});

test('the report prints in light colours, without cut lines or tables', async () => {
  const { page } = await show(few, { viewport: { width: 703, height: 1017 }, colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  expect(await overflow(page)).toBe(0);
  expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(26, 32, 41)');
  expect(await page.locator('nav, .mouse, #details').filter({ visible: true }).count()).toBe(0);
  const cut = await page
    .locator('.scroll, .canvas')
    .evaluateAll((frames) =>
      frames.filter((frame) => frame.scrollWidth > frame.clientWidth + 1).map((frame) => frame.outerHTML),
    );
  expect(cut).toEqual([]);
});

test('the report is readable without JavaScript, and sends nothing with it', async () => {
  const { page: plain } = await open({ variants: 2 }, { javaScriptEnabled: false });
  expect(await plain.locator('#goodput .line').count()).toBe(2);
  expect(await plain.getByText('These charts need JavaScript').isVisible()).toBe(true);
  const { page, trouble } = await open({ variants: 2 });
  expect(await page.getByText('These charts need JavaScript').count()).toBe(0);
  expect(await page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')")).toBe(
    'refused',
  );
  expect(trouble.filter((text) => text.startsWith('http'))).toEqual([]);
});

/** Resolves with the times that the cursors of the charts show. */
const cursors = (page: Page) => page.locator('.panel .u-legend tr:first-child .u-value').allTextContents();

const legend = (page: Page, column: string) =>
  page.locator(`[data-column=${column}] .u-legend .u-series`).allTextContents();

test('the charts over time have one cursor, which the pointer and the arrow keys move', async () => {
  const { page } = await open({ variants: 2 });
  await page.locator('[data-column=inFlight] .u-over').hover({ position: { x: 60, y: 40 } });
  await expect.poll(async () => (await cursors(page)).join()).toMatch(/^([\d.]+ s)(,\1)+$/);
  await page.locator('h1').hover();
  await page.locator('[data-column=retries]').focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft']) await page.keyboard.press(key);
  await expect.poll(async () => new Set(await cursors(page))).toEqual(new Set(['0 s']));
});

test('the charts over time show the chosen variants, also in words, and the address keeps the choice', async () => {
  const { page, trouble } = await open();
  const words = () =>
    page.getByRole('img', { name: /^Calls in flight at the dependency\. A/ }).getAttribute('aria-label');
  const button = page.getByRole('button', { name: 'events-48' });
  expect(await page.locator('[data-column=dead] canvas').count()).toBe(0);
  await button.click();
  expect(await page.locator('[data-column=dead] canvas').count()).toBe(1);
  expect(await legend(page, 'inFlight')).toContain('I–');
  expect(await words()).toContain('I, events-48: at most');
  await page.reload();
  expect(await button.getAttribute('aria-pressed')).toBe('true');
  await button.click();
  expect(await legend(page, 'inFlight')).not.toContain('I–');
  expect(trouble).toEqual([]);
});

/** Divides a chart's width into 84 parts of 25 ms. Resolves with the parts that have the first variant's colour. */
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

test('a line has a gap where a process did not answer, below the shaded fault with its name', async () => {
  // The variant's series ends at 2.1 s and has a gap from 1 s to 1.5 s.
  const { page } = await open({ variants: 1, crash: true });
  const isSilent = (part: number) => part > 40 && part < 59;
  expect((await drawnParts(page, 'retries')).filter(isSilent)).toEqual([]);
  expect((await drawnParts(page, 'inFlight')).filter(isSilent)).toHaveLength(18);
  const chart = page.locator('[data-column=inFlight]');
  const plot = (await chart.locator('.u-over').boundingBox())!;
  const band = (await chart.locator('.band.fault').boundingBox())!;
  const place = (ms: number) => plot.x + (ms / 2093) * plot.width;
  expect(Math.abs(band.x - place(1000))).toBeLessThan(2);
  expect(Math.abs(band.x + band.width - place(1500))).toBeLessThan(2);
  expect(await chart.locator('.band-name').textContent()).toBe('crash');
});

test('the charts over time follow the window and the theme', async () => {
  const { page } = await open({ variants: 2 });
  const widths = (selector: string) =>
    page.locator(selector).evaluateAll((each) => each.map((one) => one.clientWidth).join());
  await page.setViewportSize({ width: 420, height: 800 });
  await expect.poll(() => widths('.uplot')).toBe(await widths('.panel:not(.empty)'));
  const picture = () => page.evaluate<string>("document.querySelector('.panel canvas').toDataURL()");
  const light = await picture();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(picture).not.toBe(light);
});

test('each section has a link, which opens it if it is folded, also a second time', async () => {
  const { page } = await open({ variants: 2 });
  const linked = page.locator('h2 > .anchor, .folded > .anchor');
  const ids = await page
    .locator('main > section, details.fold')
    .evaluateAll((sections) => sections.map(({ id }) => `#${id}`));
  expect(await linked.evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(ids);
  const table = page.locator('#validity table').first();
  for (const _ of [1, 2]) {
    await page.locator('.anchor[href="#validity"]').click();
    await expect.poll(() => table.isVisible()).toBe(true);
    await page.locator('#validity > summary').click();
    expect(await table.isVisible()).toBe(false);
  }
});

test('the summary is copied as Markdown', async () => {
  const { page } = await open({ variants: 2 });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy as Markdown' }).click();
  await expect.poll(() => page.locator('#copy').textContent()).toBe('Copied');
  expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^\*\*Held: A burst/);
});
