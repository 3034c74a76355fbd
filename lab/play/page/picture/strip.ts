import type { Scene } from '#lab/play/frame.ts';
import type { Bin } from '#lab/play/page/moment/readings.ts';
import { box, type Colours, clear, write } from './canvas.ts';

/** Parts of a strip. A longer timeline has wider ones. */
export const binMsOf = (durationMs: number): number => Math.max(100, Math.round(durationMs / 4000) * 100);
const axisPx = 17;

export interface DrawnStrip {
  readonly scene: Scene;
  readonly bins: readonly Bin[];
  /** Most requests offered in one part of any panel. */
  readonly most: number;
  readonly atMs: number;
  /** Changes of the load by clicks. */
  readonly marks: readonly { readonly atMs: number; readonly text: string }[];
  readonly endMs: number;
  readonly binMs: number;
}

/** Draws requests over time: offered grey, in time green, and the causes shaded. */
export function drawStrip(canvas: HTMLCanvasElement, strip: DrawnStrip, colours: Colours): void {
  const { context, width, height } = clear(canvas);
  const { scene, bins, most, atMs, endMs, binMs, marks } = strip;
  const bottom = height - axisPx;
  const xOf = (ms: number) => (ms / endMs) * width;
  const cursor = xOf(atMs);
  for (const { fromMs, toMs } of scene.causes)
    box(context, [xOf(fromMs), 0, xOf(toMs) - xOf(fromMs), bottom], colours.cause);
  for (const { fromMs, offered, inTime } of bins) {
    const [x, wide] = [xOf(fromMs), Math.max(1, xOf(binMs) - 1)];
    const high = (count: number) => (count / Math.max(1, most)) * (bottom - 18);
    context.globalAlpha = fromMs >= atMs ? 0.3 : 1;
    box(context, [x, bottom - high(offered), wide, high(offered)], colours.offered);
    box(context, [x, bottom - high(inTime), wide, high(inTime)], colours.good);
  }
  context.globalAlpha = 1;
  box(context, [0, bottom, width, 1], colours.border);
  for (const [index, { name, fromMs, toMs }] of scene.causes.entries()) {
    if (atMs < fromMs) continue;
    const isLast = index === scene.causes.length - 1;
    write(context, name, { x: xOf(fromMs) + 4, y: 8, size: 12, colour: colours.text });
    if (atMs >= toMs && isLast && xOf(toMs) < width - 70)
      write(context, 'cause over', { x: xOf(toMs) + 6, y: 8, size: 12, colour: colours.muted });
  }
  for (const mark of marks.filter((each) => each.atMs <= atMs)) {
    box(context, [xOf(mark.atMs), 0, 1, bottom], colours.warn);
    const align = xOf(mark.atMs) > width - 90 ? 'right' : 'left';
    const x = xOf(mark.atMs) + (align === 'left' ? 4 : -4);
    write(context, mark.text, { x, y: 8, size: 12, align, colour: colours.warn });
  }
  const everyMs = [1000, 2000, 5000, 10_000, 20_000, 60_000].find((ms) => xOf(ms) > 56) ?? 120_000;
  for (let ms = 0; ms < endMs; ms += everyMs) {
    const x = xOf(ms);
    const align = ms === 0 ? 'left' : x > width - 20 ? 'right' : 'center';
    write(context, `${ms / 1000} s`, { x, y: height - 7, align, size: 12, colour: colours.muted });
  }
  box(context, [Math.min(width - 2, Math.max(0, cursor - 1)), 0, 2, bottom + 4], colours.text);
}
