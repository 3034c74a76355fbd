import { expect, test } from 'vitest';
import { overflow, seriousViolations } from '#test/fixtures/opened-report.ts';
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
    900,
  );
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
  // Chromium ignores a style of the width of a nested picture, and other browsers don't.
  const widths = await page.evaluate<string[]>(
    `[...document.querySelectorAll('.strips svg svg')].map((each) => getComputedStyle(each).width)`,
  );
  expect(new Set(widths)).toEqual(new Set(['auto']));
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
    .locator('.scroll, .panels')
    .evaluateAll((frames) =>
      frames.filter((frame) => frame.scrollWidth > frame.clientWidth + 1).map((frame) => frame.outerHTML),
    );
  expect(cut).toEqual([]);
});

test('the report is readable without JavaScript, and sends nothing with it', async () => {
  const { page: plain } = await open({ variants: 2 }, { javaScriptEnabled: false });
  expect(await plain.locator('#goodput .line').count()).toBe(2);
  expect(await plain.locator('#series .line').first().isVisible()).toBe(true);
  const { page, trouble } = await open({ variants: 2 });
  expect(await page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')")).toBe(
    'refused',
  );
  expect(trouble.filter((text) => text.startsWith('http'))).toEqual([]);
});

test('the charts over time read their values at the pointer and with the arrow keys', async () => {
  const { page, trouble } = await open({ variants: 2, crash: true });
  const read = page.locator('.panels output');
  await page.locator('[data-column=inFlight] .plot > svg').hover({ position: { x: 3, y: 40 } });
  await expect.poll(() => read.textContent()).toMatch(/^0 s: A \d+ · B \d+$/);
  await page.locator('[data-column=retries]').focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft']) await page.keyboard.press(key);
  await expect.poll(() => read.textContent()).toMatch(/^0.05 s: A /);
  expect(trouble).toEqual([]);
});

test('the charts over time show the chosen variants, and the address keeps the choice', async () => {
  const { page, trouble } = await open();
  const button = page.getByRole('button', { name: 'events-48' });
  const line = page.locator('[data-column=dead] .line.v9');
  expect(await line.isVisible()).toBe(false);
  await button.click();
  expect(await line.isVisible()).toBe(true);
  await page.reload();
  expect(await button.getAttribute('aria-pressed')).toBe('true');
  await button.click();
  expect(await line.isVisible()).toBe(false);
  expect(trouble).toEqual([]);
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
