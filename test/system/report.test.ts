import axe from 'axe-core';
import { expect, test } from 'vitest';
import type { Status } from '#lab/result/result.ts';
import { coloursDrawn, lightnesses, overflow } from '#test/fixtures/opened-report.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { tenRounds } from '#test/fixtures/rounds.ts';
import { reports } from '#test/support/reports.ts';

const { open, show } = reports();

const phone = { viewport: { width: 360, height: 640 } };
const windows = [1400, 768, 360].flatMap((width) => [
  { width, scheme: 'light' as const },
  { width, scheme: 'dark' as const },
]);

test.each(windows)(
  'report fits $width px in $scheme, with all charts drawn and no trouble',
  async ({ width, scheme }) => {
    const { page, trouble } = await open({}, { viewport: { width, height: 800 }, colorScheme: scheme });
    expect(await overflow(page)).toBe(0);
    const colours = await coloursDrawn(page);
    expect(colours).toHaveLength(5);
    expect(Math.min(...colours)).toBeGreaterThan(2);
    expect(trouble).toEqual([]);
  },
);

test('report shows every section under its heading, in the order of the navigation', async () => {
  const { page } = await open();
  const headings = await page.locator('section > h2').all();
  expect(headings).toHaveLength(7);
  for (const heading of headings) expect(await heading.isVisible()).toBe(true);
  const linked = await page
    .locator('nav a')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  const ids = await page.locator('section').evaluateAll((sections) => sections.map(({ id }) => `#${id}`));
  expect(linked).toEqual(ids);
});

test.each([
  ['held', 'Held'],
  ['measured', 'Measured'],
  ['failed', 'Failed'],
  ['invalid', 'Invalid'],
  ['error', 'Error'],
  ['interrupted', 'Interrupted'],
] as [Status, string][])(
  'report says on the first screen of a phone that the result is %s',
  async (status, word) => {
    const { page, trouble } = await open({ status }, phone);
    const verdict = page.locator('#verdict');
    expect(await verdict.locator('.word').textContent()).toBe(word);
    const { y, height } = (await verdict.boundingBox())!;
    expect(y + height).toBeLessThan(640);
    expect(trouble).toEqual([]);
  },
);

test.each([
  { variants: 0, points: 300 },
  { variants: 1, points: 0 },
  { variants: 1, points: 300 },
])('report of $variants variants with $points points is a page without trouble', async (options) => {
  const { page, trouble } = await open(options, phone);
  expect(await overflow(page)).toBe(0);
  expect(trouble).toEqual([]);
});

test('report is readable without JavaScript, and says what needs it', async () => {
  const { page } = await open({}, { javaScriptEnabled: false });
  expect(await page.locator('#verdict .word').isVisible()).toBe(true);
  expect(await page.locator('#goodput .line').count()).toBe(9);
  expect(await page.getByText('These charts need JavaScript').isVisible()).toBe(true);
});

test('report hides the hint about JavaScript where it runs', async () => {
  const { page } = await open();
  expect(await page.getByText('These charts need JavaScript').count()).toBe(0);
});

test('report lets no request out', async () => {
  const { page, trouble } = await open();
  const ended = await page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')");
  expect(ended).toBe('refused');
  expect(trouble.filter((text) => text.startsWith('http'))).toEqual([]);
  expect(trouble.join()).toContain('Content Security Policy');
});

test('report names all tables, pictures and controls, and skips no level of heading', async () => {
  const { page } = await open();
  const unnamed = 'svg:not([role=img][aria-label]):not([aria-hidden=true], [aria-hidden=true] *, svg svg)';
  expect(await page.locator(unnamed).count()).toBe(0);
  expect(await page.locator('table:not(:has(caption), .u-legend)').count()).toBe(0);
  expect(await page.getByRole('slider', { name: 'Deadline' }).count()).toBe(1);
  const levels = await page
    .locator('h1, h2, h3, h4, h5, h6')
    .evaluateAll((headings) => headings.map(({ tagName }) => Number(tagName[1])));
  expect(levels[0]).toBe(1);
  expect(levels.filter((level, i) => level - (levels[i - 1] ?? 1) > 1)).toEqual([]);
});

test('report sets what is to be typed apart from the words of its verdict', async () => {
  const result = makeResult({ status: 'invalid' });
  const remedy = 'Allow more by `lagP99Ms` under `validity:`.';
  const { page } = await show({
    ...result,
    validity: result.validity.map((check) => ({ ...check, remedy })),
  });
  const advice = page.locator('#verdict li').last();
  expect(await advice.textContent()).toBe('What to do: Allow more by lagP99Ms under validity:.');
  expect(await advice.locator('code').allTextContents()).toEqual(['lagP99Ms', 'validity:']);
});

test('report lets no text through its navigation', async () => {
  const { page } = await open();
  expect(await page.evaluate("getComputedStyle(document.querySelector('nav')).backgroundColor")).toMatch(
    /^rgb\(/,
  );
});

test.each([
  ['a table', '#comparison .scroll', 'light'],
  ['a table', '#comparison .scroll', 'dark'],
  ['the navigation', 'nav ul', 'light'],
  ['the navigation', 'nav ul', 'dark'],
] as const)(
  'report shades the right edge of %s that goes on there (%s, %s), until its end is reached',
  async (_, frameOf, colorScheme) => {
    const { page } = await open({}, { ...phone, colorScheme });
    const frame = page.locator(frameOf);
    await frame.scrollIntoViewIfNeeded();
    const edge = async () => {
      const { x, y, width, height } = (await frame.boundingBox())!;
      const clip = { x: x + width - 4, y, width: 2, height: height - 20 };
      const values = (await lightnesses(page, await page.screenshot({ clip }))).sort((a, b) => a - b);
      return values[Math.floor(values.length / 2)]!;
    };
    const shaded = await edge();
    await frame.evaluate((element) => element.scrollTo({ left: element.scrollWidth }));
    expect((await edge()) / shaded).toBeGreaterThan(1.15);
  },
);

interface Focused {
  readonly name: string;
  readonly outlined: boolean;
  /** Elements that clip or cover the outline of the focused element. */
  readonly cutBy: string[];
}

/** Script that returns a `Focused`: the focused element, and the elements that clip or cover its outline. */
const focused = `(() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const name = (element.ariaLabel ?? element.textContent).trim().slice(0, 60);
  const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(element);
  const width = parseFloat(outlineWidth);
  const reach = width + parseFloat(outlineOffset);
  const box = element.getBoundingClientRect();
  const cutBy = [];
  for (let each = element.parentElement; each; each = each.parentElement) {
    if (each === document.documentElement || getComputedStyle(each).overflowX === 'visible') continue;
    const frame = each.getBoundingClientRect();
    const seen = { left: frame.left + each.clientLeft, top: frame.top + each.clientTop };
    const inside =
      box.left - reach >= seen.left - 0.5 &&
      box.right + reach <= seen.left + each.clientWidth + 0.5 &&
      box.top - reach >= seen.top - 0.5 &&
      box.bottom + reach <= seen.top + each.clientHeight + 0.5;
    if (!inside) cutBy.push(each.tagName + '.' + each.className);
  }
  const nav = document.querySelector('nav');
  const bar = nav.getBoundingClientRect();
  // An element taller than the window may be covered, since it can't be shown whole.
  const fits = box.height < innerHeight - bar.height;
  const isCovered = box.top < bar.bottom && box.bottom > bar.top;
  if (fits && !nav.contains(element) && element.className !== 'skip' && isCovered) cutBy.push('nav');
  return { name, outlined: outlineStyle !== 'none' && width >= 2, cutBy };
})()`;

test.each([1400, 360])(
  'report shows the focus on everything that the keyboard reaches at %d px',
  async (width) => {
    const { page } = await open({ status: 'failed', crash: true }, { viewport: { width, height: 800 } });
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    const reached: Focused[] = [];
    for (;;) {
      await page.keyboard.press('Tab');
      const now = await page.evaluate<Focused | null>(focused);
      if (now === null) break;
      reached.push(now);
    }
    expect(reached.length).toBeGreaterThan(50);
    expect(reached.filter(({ outlined, cutBy }) => !outlined || cutBy.length > 0)).toEqual([]);
  },
);

test.each([
  ['a run', 'light', makeResult({ status: 'failed', crash: true })],
  ['a run', 'dark', makeResult({ status: 'failed', crash: true })],
  ['rounds', 'light', tenRounds()],
  ['rounds', 'dark', tenRounds()],
] as const)('report of %s violates no serious rule of accessibility (%s)', async (_, colorScheme, result) => {
  const { page } = await show(result, { colorScheme });
  await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
  await page.evaluate(axe.source);
  const serious = await page.evaluate<string[]>(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
  expect(serious).toEqual([]);
});
