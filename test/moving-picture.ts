import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '#kit/process/installation.ts';
import { renderPlayPage } from '#lab/play/page-file.ts';
import { playedInCourse } from '#lab/play/presets.ts';
import { gif, type Picture } from './fixtures/gif.ts';
import { reportBrowser } from './fixtures/opened-report.ts';

const file = join(root, 'docs/pictures/play.gif');
const viewport = { width: 1100, height: 680 };
/** Virtual time from one picture to the next, in steps of 50 ms, and time that a picture stays. */
const steps = 8;
const pictureMs = 200;
const pictureCount = 31;
const lastMs = 4000;
/** Time of the last picture at the start. Where nothing moves, a reader sees only the first one. */
const firstMs = 1500;

/** Returns the pixels of a page, which Chromium decodes. */
async function pixelsOf(page: Page, decoder: Page): Promise<Uint8Array> {
  const png = (await page.screenshot()).toString('base64');
  const pixels = await decoder.evaluate<string>(`(async () => {
    const image = await createImageBitmap(await (await fetch('data:image/png;base64,${png}')).blob());
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const reader = new FileReader();
    reader.readAsDataURL(new Blob([data]));
    await new Promise((resolve) => (reader.onload = resolve));
    return reader.result.split(',')[1];
  })()`);
  return Buffer.from(pixels, 'base64');
}

/** Writes the moving picture of README: what the page of `play` shows without a click. */
await using browser = await reportBrowser();
await using opened = await browser.showPage(renderPlayPage(playedInCourse()), {
  viewport,
  colorScheme: 'light',
});
await using decoding = await browser.showPage('');
const { page } = opened;
/** Waits until the page has drawn what was asked. */
const drawn = () =>
  page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
await page.evaluate(`location.hash = '#05&t=2'`);
while (!(await page.evaluate(`document.querySelector('.strip input').valueAsNumber >= 2000`))) await drawn();
const pictures: Picture[] = [];
for (let index = 0; index < pictureCount; index++) {
  const pixels = await pixelsOf(page, decoding.page);
  pictures.push({ pixels, ms: index === pictureCount - 1 ? lastMs : pictureMs });
  for (let step = 0; step < steps; step++) await page.keyboard.press('ArrowRight');
  await drawn();
}
writeFileSync(
  file,
  gif([{ ...pictures.at(-1)!, ms: firstMs }, ...pictures], viewport.width, viewport.height),
);
process.stdout.write(`${file}: ${statSync(file).size} bytes\n`);
