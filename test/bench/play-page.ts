import type { Page } from 'playwright-core';
import { renderPlayPage } from '#lab/play/page-file.ts';
import { playedInCourse } from '#lab/play/presets.ts';
import { reportBrowser } from '#test/fixtures/opened-report.ts';
import { type Bench, figure, median } from './figure.ts';

/** Resolves in the page with its time once a condition is true in a picture. */
const when = (page: Page, condition: string) =>
  page.evaluate<number>(`new Promise((resolve) => {
    const look = () => (${condition}) ? resolve(performance.now()) : requestAnimationFrame(look);
    look();
  })`);

/** Measures the page in Chromium: from opening to moving dots, pictures a second with many dots, and input to picture. */
export const bench: Bench = async (say, { amount: rounds = 5 }) => {
  await using browser = await reportBrowser();
  const text = renderPlayPage(playedInCourse());
  const all: number[][] = [[], [], [], []];
  for (let round = 0; round < rounds; round++) {
    await using opened = await browser.showPage(text, { viewport: { width: 1280, height: 800 } });
    const { page } = opened;
    const openedMs = await when(page, `document.querySelector('.strip input').valueAsNumber > 50`);
    await page.evaluate(`location.hash = '#tide&t=58'`);
    await when(page, `parseInt(document.querySelector('.count').textContent.replace(',', '')) > 3000`);
    await page.keyboard.press(' ');
    const perSecond = await page.evaluate<number>(`new Promise((resolve) => {
      const fromMs = performance.now();
      let pictures = 0;
      const count = (ms) => ms - fromMs < 3000 ? (pictures++, requestAnimationFrame(count)) : resolve(pictures / 3);
      requestAnimationFrame(count);
    })`);
    await page.evaluate(`location.hash = '#05&t=14'`);
    await when(page, `document.getElementById('sentence').textContent.includes('back to normal')`);
    const changes = async (act: string, condition: string) => {
      const fromMs = await page.evaluate<number>(
        `(() => { const now = performance.now(); ${act}; return now; })()`,
      );
      return (await when(page, condition)) - fromMs;
    };
    const faultMs = await changes(
      `document.dispatchEvent(new KeyboardEvent('keydown', { key: '2' }))`,
      `document.getElementById('sentence').textContent.startsWith('Slow')`,
    );
    const forkedMs = await changes('', `document.querySelector('.strip input').valueAsNumber > 14100`);
    for (const [index, value] of [openedMs, perSecond, faultMs, forkedMs].entries()) all[index]!.push(value);
    say(
      `dots after ${openedMs.toFixed(0)} ms, ${perSecond.toFixed(0)} pictures/s, input ${faultMs.toFixed(0)} ms`,
    );
  }
  const [openedMs, perSecond, faultMs, forkedMs] = all.map(median) as [number, number, number, number];
  return [
    figure('opening to moving dots', openedMs, 'ms', { atMost: 1000 }),
    figure('pictures with about 4,000 dots', perSecond, '/s', { atLeast: 50 }),
    figure('input to changed picture', faultMs, 'ms', { atMost: 100 }),
    figure('input at 14 s to moving dots of the fork', forkedMs, 'ms'),
  ];
};
