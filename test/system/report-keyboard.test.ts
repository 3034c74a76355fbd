import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportBrowser } from '#test/fixtures/opened-report.ts';

let browser: Awaited<ReturnType<typeof reportBrowser>>;
beforeAll(async () => {
  browser = await reportBrowser();
});
afterAll(() => browser?.[Symbol.asyncDispose]());

interface Focused {
  readonly name: string;
  readonly outlined: boolean;
  /** Elements that cut off the outline. */
  readonly cutBy: string[];
}

/** Finds the focused element, and whether anything clips or covers its outline. */
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
  const covered = nav.getBoundingClientRect().bottom;
  // An element taller than the window can't be shown whole, anyway.
  const fits = box.height < innerHeight - covered;
  if (fits && !nav.contains(element) && element.className !== 'skip' && box.top < covered) cutBy.push('nav');
  return { name, outlined: outlineStyle !== 'none' && width >= 2, cutBy };
})()`;

test.each([1400, 360])(
  'report shows the focus on everything that the keyboard reaches at %d px',
  async (width) => {
    await using opened = await browser.open(
      { status: 'failed', crash: true },
      { viewport: { width, height: 800 } },
    );
    const { page } = opened;
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
