import { timeStops } from '#lab/show/chart.ts';
import type { Pen } from './pen.ts';
import type { Picture } from './pipes.ts';

const axisPx = 17;
const labelsPx = 18;
/** Room of a label on the axis. */
const stopPx = 60;

/** Draws requests over time: offered grey, in time green, and the causes shaded. */
export function drawStrip(pen: Pen, { scene, strip, most, reading: { atMs } }: Picture): void {
  const { width, height } = pen;
  const { endMs, causes, binMs } = scene;
  const bottom = height - axisPx;
  const xOf = (ms: number) => (ms / endMs) * width;
  for (const { fromMs, toMs } of causes) pen.box([xOf(fromMs), 0, xOf(toMs - fromMs), bottom], 'warn', 0.16);
  const binPx = Math.max(1, xOf(binMs) - 1);
  for (const kind of ['offered', 'inTime'] as const)
    for (let bin = 0; bin * binMs < atMs; bin++) {
      const high = ((strip[kind][bin] ?? 0) / most) * (bottom - labelsPx);
      pen.box([xOf(bin * binMs), bottom - high, binPx, high], kind === 'offered' ? 'offered' : 'good');
    }
  pen.box([0, bottom, width, 1], 'border');
  const isPast = (ofMs: number) => ofMs <= atMs;
  for (const { name, fromMs } of causes.filter((cause) => isPast(cause.fromMs)))
    pen.write(name, [xOf(fromMs) + 4, 8], { size: 12, colour: 'text' });
  const lastMs = causes.at(-1)?.toMs ?? Infinity;
  if (isPast(lastMs) && xOf(lastMs) < width - 70) pen.write('cause over', [xOf(lastMs) + 6, 8], { size: 12 });
  for (const { at, text } of timeStops(endMs, Math.floor(width / stopPx)))
    pen.write(text, [(at / 100) * width, height - 7], { align: 'center', size: 12 });
  // The cursor crosses no labels.
  pen.box([xOf(atMs) - 1, labelsPx, 2, bottom + 4 - labelsPx], 'text');
}
