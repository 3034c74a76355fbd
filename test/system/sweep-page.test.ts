import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { renderSweepPage } from '#lab/explore/page/page.ts';
import { overflow, seriousViolations } from '#test/fixtures/opened-report.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';
import { reports } from '#test/support/reports.ts';

const { showPage } = reports();

const path = 'variants.a-variant-with-a-long-name.policies.retry.maxRetries';

const map = sweepOf({ 'load*': [1, 2, 3, 4], [path]: [0, 1, 2] }, ([load, tries]) => ({
  goodput: 1 / load!,
  metastable: load! * tries! >= 4 ? 1 : 0,
}));
const withTwo = {
  ...map,
  variants: ['calls', 'others'],
  figures: [
    ...map.figures,
    ...map.figures.map((figure) => ({
      ...figure,
      variant: 'others',
      ...(figure.metric === 'goodput' && { value: 0.5, low: 0.4, high: 0.6 }),
    })),
  ],
};
const lines = sweepOf({ 'load*': [1, 2, 3, 4] }, ([load]) => ({ metastable: load! > 2 ? 1 : 0 }));

const cells = (page: Page) => page.locator('.heat g text').allTextContents();
const reading = (page: Page) => page.locator('#map output').textContent();
const boundary = (page: Page) => page.locator('.heat .boundary').getAttribute('d');

test('the map shows the chosen figure of the chosen variant, and keeps the choice in the address', async () => {
  const { page, trouble } = await showPage(renderSweepPage(withTwo));
  expect(await cells(page)).toEqual(
    expect.arrayContaining(['0 %', '100 %'].map((text) => text.replace(' ', '\u00a0'))),
  );
  expect(await boundary(page)).toMatch(/^M/);
  await page.selectOption('select[name=figure]', 'goodput');
  await page.selectOption('select[name=variant]', 'others');
  expect(new Set(await cells(page))).toEqual(new Set(['50\u00a0%']));
  expect(await boundary(page)).toBe('');
  expect(page.url()).toContain('?figure=goodput&variant=others');
  await page.reload();
  expect(new Set(await cells(page))).toEqual(new Set(['50\u00a0%']));
  await page.selectOption('select[name=figure]', 'holds');
  expect(await page.locator('select[name=variant]').isVisible()).toBe(false);
  expect(trouble).toEqual([]);
});

test('arrow keys and the pointer choose a point of the map, whose figures are read out', async () => {
  const { page } = await showPage(renderSweepPage(map));
  await page.locator('.heat > svg').focus();
  expect(await reading(page)).toBe(`load* 1, ${path} 0: 0\u00a0% (0\u00a0% to 10\u00a0%)`);
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowUp', 'ArrowUp'])
    await page.keyboard.press(key);
  expect(await reading(page)).toContain(`load* 3, ${path} 2: 100\u00a0%`);
  await page.locator('.heat [data-column="3"][data-row="1"] rect').hover();
  expect(await reading(page)).toContain(`load* 4, ${path} 1: 100\u00a0%`);
});

test('lines show the chosen figure, and stress the chosen variant', async () => {
  const { page, trouble } = await showPage(renderSweepPage(lines));
  const shown = () =>
    page
      .locator('[data-figure]:visible')
      .evaluateAll((all) => all.map((each) => each.getAttribute('data-figure')));
  expect(await shown()).toEqual(['metastable']);
  await page.selectOption('select[name=figure]', 'goodput');
  expect(await shown()).toEqual(['goodput']);
  await page.selectOption('select[name=variant]', 'calls');
  expect(await page.locator('[data-figure=goodput] .line.focus').count()).toBe(1);
  expect(trouble).toEqual([]);
});

test('a page fits a phone, and violates no serious rule of accessibility', async () => {
  const { page } = await showPage(renderSweepPage(map), {
    viewport: { width: 360, height: 640 },
    colorScheme: 'dark',
  });
  expect(await overflow(page)).toBe(0);
  await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
  expect(await seriousViolations(page)).toEqual([]);
});
