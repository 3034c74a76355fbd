import type { Scene } from '#lab/play/frame.ts';
import type { Bin } from '#lab/play/page/moment/readings.ts';
import type { Pen } from './pen.ts';

/** Parts of a strip. A longer timeline has wider ones. */
export const binMsOf = (durationMs: number): number => Math.max(100, Math.round(durationMs / 4000) * 100);
const axisPx = 17;
const labelsPx = 18;

/** Changes of the load by clicks. */
export type Marks = readonly { readonly atMs: number; readonly text: string }[];

export interface DrawnStrip {
  readonly scene: Scene;
  readonly bins: readonly Bin[];
  /** Most requests offered in one part of any panel. */
  readonly most: number;
  readonly atMs: number;
  readonly marks: Marks;
  readonly binMs: number;
}

/** Draws requests over time: offered grey, in time green, and the causes shaded. */
export function drawStrip(pen: Pen, { scene, bins, most, atMs, binMs, marks }: DrawnStrip): void {
  const { width, height } = pen;
  const { endMs, causes } = scene;
  const bottom = height - axisPx;
  const xOf = (ms: number) => (ms / endMs) * width;
  for (const { fromMs, toMs } of causes) pen.box([xOf(fromMs), 0, xOf(toMs - fromMs), bottom], 'cause');
  for (const { fromMs, offered, inTime } of bins) {
    const [x, wide] = [xOf(fromMs), Math.max(1, xOf(binMs) - 1)];
    const high = (count: number) => (count / Math.max(1, most)) * (bottom - labelsPx);
    pen.box([x, bottom - high(offered), wide, high(offered)], 'offered');
    pen.box([x, bottom - high(inTime), wide, high(inTime)], 'good');
  }
  pen.box([0, bottom, width, 1], 'border');
  for (const { name, fromMs } of causes.filter((cause) => cause.fromMs <= atMs))
    pen.write(name, [xOf(fromMs) + 4, 8], { size: 12, colour: 'text' });
  for (const mark of marks.filter((each) => each.atMs <= atMs)) {
    pen.box([xOf(mark.atMs), 0, 1, bottom], 'warn');
    pen.write(mark.text, [xOf(mark.atMs) + 4, 8], { size: 12, colour: 'warn' });
  }
  const lastMs = causes.at(-1)?.toMs ?? Infinity;
  if (lastMs <= atMs && xOf(lastMs) < width - 70) pen.write('cause over', [xOf(lastMs) + 6, 8], { size: 12 });
  const everyMs = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000].find((ms) => xOf(ms) > 56);
  for (let ms = 0; ms < endMs; ms += everyMs ?? 120_000)
    pen.write(`${ms / 1000} s`, [xOf(ms), height - 7], { align: 'center', size: 12 });
  pen.box([Math.min(width - 2, Math.max(0, xOf(atMs) - 1)), 0, 2, bottom + 4], 'text');
}
