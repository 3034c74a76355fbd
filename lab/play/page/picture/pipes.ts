import type { Strip } from '#lab/play/frame.ts';
import { type Reading, windowMs } from '#lab/play/page/moment/readings.ts';
import type { Scene, SceneVariant } from '#lab/play/scene.ts';
import type { Pen } from './pen.ts';

const bandPx = 76;
const lowPx = 150;
const middlePx = 38;
const narrowPx = 440;
/** Width of a pipe at the experiment's first load, and at most. */
const widthPx = { usual: 8, most: 32 };
const arrowPx = 12;
const dotsMax = 40;
const waitersMax = 40;
/** Half of the gap, and the colour of the posts beside it. */
const gates = {
  open: [23, 'bad'],
  'half-open': [23, 'warn'],
  collar: [8, 'muted'],
  none: [3, 'border'],
} as const;

/** Returns the height of the band above the pile. In a low picture, as on a phone, it is a line of words without pipes. */
export const bandOf = (height: number): number => (height < lowPx ? 20 : bandPx);

/** Moment of one variant. */
export interface Picture {
  readonly scene: Scene;
  readonly variant: SceneVariant;
  readonly reading: Reading;
  readonly strip: Strip;
  /** Most requests offered in one bin of any strip. */
  readonly most: number;
  /** Distance between dots. */
  readonly pitch: number;
  /** Calls or events that one dot or square stands for. */
  readonly worth: number;
  readonly hasMotion: boolean;
}

/** Draws the pipe of requests, what stands between, and the pipe of attempts to the dependency. */
export function drawPipes(pen: Pen, { scene, reading, worth, hasMotion }: Picture): void {
  const { width, height } = pen;
  const { offeredPerSecond, attemptsPerSecond, attemptsPerRequest: factor = 0, retryShare } = reading;
  const [requests, attempts] = [offeredPerSecond, attemptsPerSecond].map(
    (rate) => `${Math.round(rate).toLocaleString('en')}/s`,
  );
  if (factor > 0 && factor < Infinity) {
    const colour = retryShare > 0.3 ? 'retry' : 'muted';
    pen.write(`×${factor.toFixed(1)}`, [width, 9], { align: 'right', weight: 700, colour });
  }
  if (bandOf(height) < bandPx) {
    const words = [`${requests} → ${attempts}`, ...wordsOf(reading, worth)];
    // The last words are left out until the others fit.
    while (words.length > 0 && !pen.write(words.join(' · '), [0, 9], { size: 12 })) words.pop();
    return;
  }
  const gate = gateOf(reading);
  const node = Math.round(width * 0.46);
  const [half] = gates[gate];
  const [from, back] = [node + half, width - arrowPx];
  const wide = (rate: number) =>
    Math.min(widthPx.most, Math.max(rate > 0 ? 2 : 1, (rate / scene.usualPerSecond) * widthPx.usual));
  const [inWide, outWide] = [wide(offeredPerSecond), wide(attemptsPerSecond)];
  pen.write(`${requests} requests`, [0, 9]);
  const where = width < narrowPx ? '' : ' to the dependency';
  pen.write(attempts + where, [from, 9], { colour: 'text', weight: 600 });
  pen.box([0, middlePx - inWide / 2, node - half, inWide], 'first', 0.25);
  const [top, firstWide] = [middlePx - outWide / 2, outWide * (1 - retryShare)];
  pen.box([from, top, back - from, firstWide], 'first', 0.35);
  pen.box([from, top + firstWide, back - from, outWide - firstWide], 'retry', 0.35);
  const spread = Math.max(outWide, 8) / 2 + 3;
  const arrow = [back, middlePx - spread, width - 2, middlePx, back, middlePx + spread];
  pen.line(arrow, retryShare > 0.5 ? 'retry' : 'first', 3);
  if (hasMotion) {
    drawTravellers(pen, reading, 'offered', [0, node - half - 3], inWide);
    drawTravellers(pen, reading, 'attempts', [from, back - from], outWide);
  }
  drawGate(pen, reading, gate, node);
  pen.write(wordsOf(reading, worth).join(' · '), [node, bandPx - 7], { align: 'center', size: 12 });
}

/** Returns a number below 1 that looks random, and is always the same for a dot. */
const scatter = (dot: number): number => Math.abs(Math.sin(dot * 12.9898) * 43758.5453) % 1;

/** Draws the requests or attempts of the last two seconds as dots that have entered a pipe at their times. */
function drawTravellers(
  pen: Pen,
  { atMs, recent, retryShare }: Reading,
  kind: 'offered' | 'attempts',
  [x, length]: readonly [number, number],
  wide: number,
): void {
  const all = recent.at(-1)![kind] - recent[0]![kind];
  // A power of two, so that the dots that remain are the same when their number changes.
  const each = 2 ** Math.max(0, Math.ceil(Math.log2(all / dotsMax)));
  const spread = Math.max(0, wide / 2 - 2.6);
  for (const [index, frame] of recent.entries()) {
    const before = recent[index - 1] ?? frame;
    const [from, until] = [before[kind], frame[kind]];
    for (let dot = each * (Math.floor(from / each) + 1); dot <= until; dot += each) {
      const enteredMs = before.atMs + ((frame.atMs - before.atMs) * (dot - from)) / (until - from);
      const at = Math.min(1, (atMs - enteredMs) / windowMs) * length;
      const y = middlePx + (scatter(dot) * 2 - 1) * spread;
      const isRetry = kind === 'attempts' && scatter(dot + 0.5) < retryShare;
      pen.disc([x + at, y], 2.6, isRetry ? 'retry' : 'first');
    }
  }
}

/** Returns what stands between callers and dependency: most breakers, or else the collar of a bulkhead. */
function gateOf({ frame: { breakers, slots, queue } }: Reading): keyof typeof gates {
  const { open = 0, halfOpen = 0, closed = 0 } = breakers ?? {};
  if (open > closed + halfOpen) return 'open';
  if (halfOpen > closed) return 'half-open';
  return slots && queue === undefined ? 'collar' : 'none';
}

/** Draws a breaker's gap, a bulkhead's collar with its slots and those who wait above it, or a plain mouth. */
function drawGate(pen: Pen, { frame }: Reading, gate: keyof typeof gates, node: number): void {
  const { breakers, waiting, slots } = frame;
  const [half, colour] = gates[gate];
  for (const x of [node - half, node + half - 3]) pen.box([x, middlePx - 14, 3, 28], colour);
  if (gate === 'open' && breakers?.refusingForMs !== undefined)
    pen.arc([node, middlePx], 11, Math.min(1, breakers.refusingForMs / 1000), 'bad');
  if (gate === 'half-open') pen.disc([node, middlePx], 5, 'first');
  if (gate !== 'collar' || !slots) return;
  const each = Math.max(2, Math.min(8, 160 / slots.of));
  for (let slot = 0; slot < slots.of; slot++) {
    const x = node + (slot - slots.of / 2) * each;
    pen.box([x, middlePx + 16, each - 1, 4], slot < slots.used ? 'first' : 'border');
  }
  for (let index = 0; index < Math.min(waiting, waitersMax); index++) {
    const [column, row] = [Math.floor(index / 2), index % 2];
    pen.disc([node - 16 - column * 6, middlePx - 12 - row * 6], 2.3, 'first');
  }
}

function wordsOf({ frame, refusedPerSecond }: Reading, worth: number): string[] {
  const { breakers, slots, queue, waiting, budget } = frame;
  const { open = 0, halfOpen = 0, closed = 0, refusingForMs } = breakers ?? {};
  const all = open + halfOpen + closed;
  const words: string[] = [];
  if (all > 1) words.push(`${open} of ${all} breakers open`);
  else if (open > 0) words.push(`refusing for ${((refusingForMs ?? 0) / 1000).toFixed(1)} s`);
  else if (halfOpen > 0) words.push('trial');
  if (slots && queue === undefined) words.push(`${slots.used} of ${slots.of} slots`);
  if (queue === undefined && waiting > 0) words.push(`${waiting.toLocaleString('en')} wait`);
  if (refusedPerSecond > 0.5) words.push(`${Math.round(refusedPerSecond)}/s refused`);
  if (budget !== undefined) words.push(`retry budget: ${Math.max(0, Math.floor(budget))} left`);
  if (worth > 1) words.push(`one dot is ${worth}`);
  return words;
}
