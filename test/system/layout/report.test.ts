import { expect, test } from 'vitest';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { tenRounds } from '#test/fixtures/rounds.ts';
import { storedRun, storedRuns } from '#test/fixtures/stored-run.ts';
import { percentiles } from '#test/fixtures/variant.ts';
import { reports } from '#test/support/reports.ts';

const { open, show } = reports();

const phone = { viewport: { width: 360, height: 640 } };

test('report keeps the words of every row within its first column', async () => {
  const { page } = await open();
  await page.locator('details').evaluateAll((all) => {
    for (const one of all) one.setAttribute('open', '');
  });
  const tooWide = await page
    .locator('.scroll tbody th')
    .evaluateAll((all) =>
      all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent),
    );
  expect(tooWide).toEqual([]);
});

test('report scrolls a wide table in its own frame, with the first column in sight', async () => {
  const { page } = await open({}, phone);
  const frame = page.locator('#comparison .scroll');
  const name = frame.locator('tbody th').first();
  const before = (await name.boundingBox())!.x;
  expect(await frame.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeGreaterThan(100);
  await frame.evaluate((element) => element.scrollTo({ left: 100 }));
  expect((await name.boundingBox())!.x).toBeCloseTo(before, 0);
});

test.each([1400, 900, 360])('report keeps every text inside its cell of a table at %d px', async (width) => {
  const result = makeResult({ status: 'failed', crash: true });
  const longest = 'w'.repeat(40);
  const [first, ...others] = result.variants;
  const variants = [{ ...first!, name: longest }, ...others];
  const { page } = await show({ ...result, variants }, { viewport: { width, height: 800 } });
  await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
  const { cells, outside } = await page.evaluate<{ cells: number; outside: string[] }>(`(() => {
    const cells = [...document.querySelectorAll('.scroll th, .scroll td')];
    const isOutside = (cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      const box = cell.getBoundingClientRect();
      return [...range.getClientRects()].some(({ left, right }) => left < box.left - 1 || right > box.right + 1);
    };
    return { cells: cells.length, outside: cells.filter(isOutside).map((cell) => cell.textContent) };
  })()`);
  expect(cells).toBeGreaterThan(500);
  expect(outside).toEqual([]);
});

test.each([1400, 360, 320])(
  'report keeps the dots of latencies inside their tracks at %d px',
  async (width) => {
    const short = alter(makeResult(), 'events-8', { latency: percentiles(2000, 20.01, 25) });
    const long = alter(short, 'events-48', { latency: percentiles(2000, 2000, 9000) });
    const { page } = await show(long, { viewport: { width, height: 800 } });
    await page.locator('#latency').evaluate((section) => section.setAttribute('open', ''));
    const outside = await page.locator('#latency .track circle').evaluateAll((circles) =>
      circles.flatMap((circle) => {
        const track = circle.closest('svg')!.getBoundingClientRect();
        const { left, right } = circle.getBoundingClientRect();
        return left < track.left || right > track.right ? [left - track.left, right - track.right] : [];
      }),
    );
    expect(outside).toEqual([]);
  },
);

test('report fits 1400 px with all links and all columns of the comparison in sight', async () => {
  const { page } = await open();
  const hidden = await page
    .locator('nav ul, #comparison .scroll')
    .evaluateAll((frames) => frames.map((frame) => frame.scrollWidth - frame.clientWidth));
  expect(hidden).toEqual([0, 0]);
});

test.each([1400, 768, 360])('report parts no letter from the name of its variant at %d px', async (width) => {
  const { page } = await open({}, { viewport: { width, height: 800 } });
  const parted = await page.locator('.variant').evaluateAll((all) =>
    all
      .filter(({ firstElementChild: letter, lastElementChild: name }) => {
        const line = name!.getClientRects()[0];
        return line !== undefined && letter!.getBoundingClientRect().bottom < line.top;
      })
      .map(({ textContent }) => textContent),
  );
  expect(parted).toEqual([]);
});

test.each([1400, 768, 320])('report begins no line of a conclusion with a comma at %d px', async (width) => {
  const { page } = await open({}, { viewport: { width, height: 800 } });
  const [before, parted] = await page.evaluate<[string[], string[]]>(`(() => {
    const before = [...document.querySelectorAll('.conclusion .variant')].filter(
      ({ nextSibling }) => /^[,.;:]/.test(nextSibling?.data),
    );
    const parted = before.filter(({ lastElementChild: name, nextSibling: text }) => {
      const sign = document.createRange();
      sign.setStart(text, 0);
      sign.setEnd(text, 1);
      return sign.getBoundingClientRect().top >= [...name.getClientRects()].at(-1).bottom;
    });
    return [before, parted].map((variants) => variants.map(({ textContent }) => textContent));
  })()`);
  expect(before).not.toEqual([]);
  expect(parted).toEqual([]);
});

test.each([1280, 1000])('report shows all links of the navigation at %d px', async (width) => {
  const { page } = await open({}, { viewport: { width, height: 800 } });
  const hidden = await page.locator('nav ul').evaluate((frame) => frame.scrollWidth - frame.clientWidth);
  expect(hidden).toBe(0);
});

test('report keeps names in hypotheses whole, and gives reasons of errors room, at 400 px', async () => {
  const result = alter(makeResult({ status: 'failed' }), 'rpc-guarded', {
    firstErrors: { failed: [{ reason: '503: Downstream failed for a long reason', count: 2, firstAtMs: 1 }] },
  });
  const { page } = await show(result, { viewport: { width: 400, height: 800 } });
  const names = page.locator('#hypotheses code .whole');
  expect(await names.count()).toBeGreaterThan(0);
  const parted = await names.evaluateAll((all) =>
    all.filter((name) => {
      const range = name.ownerDocument.createRange();
      range.selectNodeContents(name);
      return range.getClientRects().length > 1;
    }),
  );
  expect(parted).toEqual([]);
  await page.locator('#errors > summary').click();
  const reason = page.locator('#errors td', { hasText: '503' });
  expect((await reason.boundingBox())!.width).toBeGreaterThan(200);
});

test.each([390, 320])('report shows hypotheses whole, with verdict and figures, at %d px', async (width) => {
  const { page } = await open({ status: 'failed' }, { viewport: { width, height: 800 } });
  const frame = page.locator('#hypotheses .scroll').first();
  expect(await frame.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
});

test('report names a variant once in the tables of its policies and errors', async () => {
  const error = (reason: string) => ({ reason, count: 2, firstAtMs: 1 });
  const result = alter(makeResult(), 'rpc-guarded', {
    policies: ['retry', 'timeout'].map((policy, position) => ({
      policy,
      position,
      acted: { acted: 1 },
      note: '',
    })),
    firstErrors: { failed: [error('one'), error('two')], timeout: [error('three')] },
  });
  const { page } = await show(result);
  for (const [section, rows] of Object.entries({ policies: 2, errors: 3 })) {
    const body = page.locator(`#${section} tbody`);
    expect(await body.locator('tr').count()).toBe(rows);
    expect(await body.locator('th').allTextContents()).toEqual(['Arpc-guarded']);
    expect(await body.locator('th').getAttribute('rowspan')).toBe(String(rows));
  }
});

/** Script that counts the visible words. A number in a table counts as a word. */
const visibleWords = 'document.body.innerText.split(/\\s+/).length';

const reportsMeasured = [
  ['nine made variants', makeResult({ status: 'failed' })] as const,
  ['ten rounds', tenRounds()] as const,
  ...storedRuns.map((name) => [name, storedRun(name)] as const),
];

test.each(
  reportsMeasured.flatMap(([name, result]) => [
    { name, result, width: 1280, height: 800, screens: 6 },
    { name, result, width: 390, height: 844, screens: 10 },
  ]),
)(
  'report of $name is at most $screens screens of $width px long',
  async ({ result, screens, width, height }) => {
    const { page } = await show(result, { viewport: { width, height } });
    const length = await page.evaluate<number>('document.documentElement.scrollHeight');
    expect(length / height).toBeLessThanOrEqual(screens);
    expect(await page.evaluate<number>(visibleWords)).toBeLessThanOrEqual(1200);
  },
);

test('report of nine variants shows verdict, finding, all outcomes and the knee on the first screen', async () => {
  const { page } = await open({}, { viewport: { width: 1280, height: 800 } });
  for (const part of ['#verdict', '.finding', '.first .row:nth-of-type(9)', '.knee']) {
    const { y, height } = (await page.locator(part).boundingBox())!;
    expect(y + height, part).toBeLessThanOrEqual(800);
  }
});

test('report of ten rounds shows verdict, finding, the mean outcomes and the knee on the first screen', async () => {
  const { page } = await show(tenRounds(), { viewport: { width: 1280, height: 800 } });
  for (const part of ['#verdict', '.finding', '.first .row:nth-of-type(9)', '.knee']) {
    const { y, height } = (await page.locator(part).boundingBox())!;
    expect(y + height, part).toBeLessThanOrEqual(800);
  }
  expect(await page.locator('.first .row-note').count()).toBe(9);
  expect(await page.locator('[aria-label="Save outcomes as CSV"]').count()).toBe(1);
  expect(await page.locator('[aria-label="Save rounds as PNG"]').count()).toBe(1);
});
