import { expect, test } from 'vitest';
import { overflow } from '#test/fixtures/opened-report.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { tenRounds } from '#test/fixtures/rounds.ts';
import { storedRun, storedRuns } from '#test/fixtures/stored-run.ts';
import { reports } from '#test/support/reports.ts';

const { open, show } = reports();

test('report on paper is light and no wider than the sheet', async () => {
  const { page, trouble } = await open({}, { viewport: { width: 760, height: 1000 }, colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  expect(await overflow(page)).toBe(0);
  expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(26, 32, 41)');
  expect((await page.pdf({ format: 'A4' })).byteLength).toBeGreaterThan(10_000);
  expect(trouble).toEqual([]);
});

/** Size of an A4 sheet without its margins, at 96 px per inch. */
const sheet = { viewport: { width: 703, height: 1017 } };

test('report on paper breaks no name inside a word, cuts off no table, and leaves out what only a screen can do', async () => {
  const result = makeResult({ status: 'invalid', crash: true });
  const { page } = await show(result, sheet);
  await page.emulateMedia({ media: 'print' });
  expect(await overflow(page)).toBe(0);
  const broken = await page.evaluate(`[...document.querySelectorAll('.scroll .variant > span')].flatMap(
    ({ firstChild: text }) => [...text.data.matchAll(/[^-]+/g)].flatMap(({ 0: word, index }) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      return range.getClientRects().length > 1 ? [word] : [];
    }),
  )`);
  expect(broken).toEqual([]);
  const cut = await page
    .locator('.scroll')
    .evaluateAll((frames) =>
      frames.filter((frame) => frame.scrollWidth > frame.clientWidth).map((frame) => frame.ariaLabel),
    );
  expect(cut).toEqual([]);
  for (const screenOnly of ['nav', '.reading input', '.u-value', '#goodput summary'])
    expect(await page.locator(screenOnly).first().isVisible()).toBe(false);
  expect(await page.locator('#details .fold summary').first().isVisible()).toBe(false);
});

test('report on paper keeps every lead with its chart, and every chart whole', async () => {
  const { page } = await open({ crash: true }, sheet);
  await page.emulateMedia({ media: 'print' });
  const broken = await page.evaluate(`(() => {
    const styleOf = (selector) =>
      [...document.querySelectorAll(selector)].map((element) => [element.className, getComputedStyle(element)]);
    return [
      ...styleOf('.goodput, .rows, .panel, section > .lead').filter(([, style]) => style.breakInside !== 'avoid'),
      ...styleOf('section > h2, section > .lead, .legend, .chooser').filter(([, style]) => style.breakAfter !== 'avoid'),
    ].map(([name]) => name);
  })()`);
  expect(broken).toEqual([]);
});

test('report on paper shows the faults in front of the charts over time, which it prints opaque', async () => {
  const { page } = await open({ crash: true }, sheet);
  await page.emulateMedia({ media: 'print' });
  const inFront =
    await page.evaluate(`[...document.querySelectorAll('.panel:not(.empty) .band')].map((band) => {
    band.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = band.getBoundingClientRect();
    const stack = document.elementsFromPoint(left + width / 2, top + height / 2);
    const canvas = band.closest('.u-wrap').querySelector('canvas');
    return stack.includes(band) && stack.indexOf(band) < stack.indexOf(canvas);
  })`);
  expect(inFront).toEqual(Array(5).fill(true));
});

test.each([1400, 900, 360])(
  'report prints the charts over time two in a row of the sheet, from %d px',
  async (width) => {
    const { page } = await open({ crash: true }, { viewport: { width, height: 800 } });
    const widths = () =>
      page.locator('.uplot').evaluateAll((charts) => charts.map(({ clientWidth }) => clientWidth));
    const before = await widths();
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(new Set(await widths())).toEqual(new Set([334]));
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await widths()).toEqual(before);
  },
);

test.each([
  ['nine made variants', makeResult()] as const,
  ['ten rounds', tenRounds()] as const,
  ...storedRuns.map((name) => [name, storedRun(name)] as const),
])('report of %s is at most five sheets of A4', async (_, result) => {
  const { page } = await show(result, sheet);
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
  expect(pdf.match(/\/Type\s*\/Page\b/g)?.length).toBeLessThanOrEqual(5);
});
