import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderPlayPage } from '#lab/play/page-file.ts';
import { playedInCourse } from '#lab/play/presets.ts';
import { overflow, reportBrowser, seriousViolations } from '#test/fixtures/opened-report.ts';

let browser: Awaited<ReturnType<typeof reportBrowser>>;
let text: string;
beforeAll(async () => {
  browser = await reportBrowser();
  text = renderPlayPage(playedInCourse());
}, 60_000);
afterAll(() => browser[Symbol.asyncDispose]());

const laptop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 } };

/** Opens the page and waits until dots have moved. */
async function open(context: BrowserContextOptions = laptop) {
  const opened = await browser.showPage(text, context);
  await until(opened.page, `document.getElementById('sentence').textContent.includes('%')`);
  return opened;
}

const until = (page: Page, condition: string) =>
  expect.poll(() => page.evaluate(condition), { timeout: 60_000 }).toBe(true);
const cursorMs = (page: Page) =>
  page.evaluate<number>(`document.querySelector('.strip input').valueAsNumber`);
const hash = (page: Page) => page.evaluate<string>('location.hash');
const sentence = (page: Page) => page.evaluate<string>(`document.getElementById('sentence').textContent`);

test('the page plays by itself until A completes nothing and B everything', async () => {
  await using opened = await open();
  const { page, trouble } = opened;
  await until(
    page,
    `document.getElementById('sentence').innerText.replaceAll('\\u00a0', ' ').endsWith('A completes 0 %, B 100 %. No part is broken.')`,
  );
  expect(await page.title()).toBe('Why does a failure outlive its cause? · Spillway');
  expect(trouble.filter((url) => !url.startsWith('blob:'))).toEqual([]);
});

test('keys pause, step, inject and reset, and the address has what they changed', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.keyboard.press(' ');
  const paused = await cursorMs(page);
  await page.keyboard.press('ArrowRight');
  await until(page, `document.querySelector('.strip input').valueAsNumber >= ${paused + 50}`);
  await page.keyboard.press('2');
  expect(await hash(page)).toMatch(/^#05&slow@[\d.]+=\d/);
  await page.keyboard.press('r');
  expect(await hash(page)).toBe('#05');
  await page.keyboard.press('p');
  expect(await page.evaluate('document.documentElement.className')).toBe('projector');
});

test('a page in the background pauses, and goes on where it was', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.evaluate(`location.hash = '#tide'`);
  await until(page, `document.getElementById('question').textContent.includes('tide')`);
  // Playwright keeps each tab visible.
  await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true });
    document.dispatchEvent(new Event('visibilitychange'))`);
  await until(page, `document.getElementById('play').ariaLabel === 'Play'`);
  const paused = await cursorMs(page);
  // Where the tide rests, it stops anyway.
  expect(paused).toBeLessThan(40_000);
  await page.evaluate(
    `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`,
  );
  expect(await cursorMs(page)).toBe(paused);
  await page.keyboard.press(' ');
  await until(page, `document.querySelector('.strip input').valueAsNumber > ${paused}`);
});

test('an address has a preset and a time, and notes what it has wrong', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.evaluate(`location.hash = '#08&t=2&colour=9'`);
  await until(page, `document.querySelector('.strip input').valueAsNumber >= 2000`);
  await until(page, `document.getElementById('notice').textContent.includes('colour')`);
  expect(await page.evaluate(`document.getElementById('question').textContent`)).toMatch(
    /events that always fail/,
  );
  expect(await sentence(page)).toContain('%');
});

test('a load that contradicts the rest is not shown as set, nor a moment after the end noted twice', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.evaluate(`location.hash = '#05&load@2=400&t=3'`);
  await until(page, `document.getElementById('load-now').textContent === '400/s'`);
  await page.evaluate(`location.hash = '#05&load=1800&spike@7=3x20&spike@7=3x20&t=9999'`);
  await until(page, `document.getElementById('notice').textContent.includes('left out')`);
  await until(page, `document.getElementById('load-now').textContent === '90/s'`);
  const notice = await page.evaluate<string>(`document.getElementById('notice').textContent`);
  expect(notice.match(/t=9999/g)).toHaveLength(1);
});

test('dead letters show their reasons, and a click redrives them', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.evaluate(`location.hash = '#08&t=8'`);
  await page.locator('.letters:visible').first().click();
  expect(await page.locator('#opened').textContent()).toContain('failed');
  await page.getByRole('button', { name: /^Redrive/ }).click();
  expect(await hash(page)).toMatch(/^#08&redrive@/);
});

test.each(['light', 'dark'] as const)(
  'axe finds nothing serious on laptop and phone in %s',
  async (colorScheme) => {
    for (const context of [laptop, phone]) {
      await using opened = await open({ ...context, colorScheme, reducedMotion: 'reduce' });
      const { page } = opened;
      await page.keyboard.press('w');
      await page.locator('.chips button').first().click();
      expect(await seriousViolations(page)).toEqual([]);
    }
  },
);

test('the page fits 320 px, and every control is reachable with the keyboard', async () => {
  await using opened = await open({ viewport: { width: 320, height: 640 } });
  const { page } = opened;
  await page.keyboard.press('w');
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  const unreached = () =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll('button, select, input')].filter((each) => each.checkVisibility() && !each.dataset.reached).map((each) => each.outerHTML)`,
    );
  for (let left = (await unreached()).length + 2; left > 0; left--) {
    await page.keyboard.press('Tab');
    await page.evaluate(`document.activeElement.dataset.reached = 'yes'`);
  }
  expect(await unreached()).toEqual([]);
});
