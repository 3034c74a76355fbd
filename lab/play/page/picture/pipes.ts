import type { Reading } from '#lab/play/page/moment/readings.ts';
import { box, type Colours, disc, type Surface, write } from './canvas.ts';
import { isAmong } from './pile.ts';

/** Height of the band above the pile, and of the middle of its pipes. */
export const bandPx = 74;
const middlePx = 38;
const widthMaxPx = 32;
const gapPx = 46;
const narrowPx = 440;
const travelPxPerMs = 0.11;

interface Dot {
  x: number;
  readonly isRetry: boolean;
}

/** Dots that move along the pipes of one panel. */
export class Stream {
  #dots: Dot[] = [];
  #due = 0;
  #made = 0;

  /** Moves the dots by a time of the experiment, and lets new ones in at a rate. */
  move(elapsedMs: number, perSecond: number, retryShare: number, length: number): void {
    for (const dot of this.#dots) dot.x += elapsedMs * travelPxPerMs;
    this.#dots = this.#dots.filter(({ x }) => x < length);
    // At most one dot every 9 px can be told from the next.
    const perMs = Math.min(perSecond / 1000, travelPxPerMs / 9);
    this.#due += perMs * elapsedMs;
    for (; this.#due >= 1; this.#due--) {
      const ageMs = (this.#due - 1) / perMs;
      this.#dots.push({ x: ageMs * travelPxPerMs, isRetry: isAmong(retryShare, this.#made++) });
    }
  }

  get dots(): readonly Dot[] {
    return this.#dots;
  }

  clear(): void {
    this.#dots = [];
  }
}

export interface Pipes {
  readonly reading: Reading;
  /** Rate at which a pipe is 8 px wide: that of the experiment's first load. */
  readonly usualPerSecond: number;
  readonly streams: { readonly requests: Stream; readonly attempts: Stream };
  readonly hasMotion: boolean;
}

/** Draws the pipe of requests, what stands between, and the pipe of attempts to the dependency. */
export function drawPipes(surface: Surface, pipes: Pipes, colours: Colours): void {
  const { context, width } = surface;
  const { reading, usualPerSecond, streams, hasMotion } = pipes;
  const node = Math.round(width * 0.46);
  const perSecond = reading.firstsPerSecond + reading.retriesPerSecond;
  const wide = (rate: number) =>
    Math.min(widthMaxPx, Math.max(rate > 0 ? 2 : 1, (rate / usualPerSecond) * 8));
  const isOpen = stateOf(reading) !== 'closed';
  const half = isOpen ? gapPx / 2 : 7;

  const inWide = wide(reading.offeredPerSecond);
  box(context, [0, middlePx - inWide / 2, node - half, inWide], colours.pipe);
  const outWide = wide(perSecond);
  const share = perSecond === 0 ? 0 : reading.retriesPerSecond / perSecond;
  const [top, from, length] = [middlePx - outWide / 2, node + half, width - node - half - 12];
  context.globalAlpha = 0.35;
  box(context, [from, top, length, outWide * (1 - share)], colours.first);
  box(context, [from, top + outWide * (1 - share), length, outWide * share], colours.retry);
  context.globalAlpha = 1;
  arrow(context, from + length, Math.max(outWide, 8), share > 0.5 ? colours.retry : colours.first);

  if (hasMotion) {
    const dots = (of: Stream, x: number, high: number) => {
      const radius = 2.6;
      for (const [index, dot] of of.dots.entries()) {
        const spread = Math.max(0, high / 2 - radius);
        const y = middlePx + (((index * 0.618034) % 1) * 2 - 1) * spread;
        disc(context, x + dot.x, y, radius, dot.isRetry ? colours.retry : colours.first);
      }
    };
    dots(streams.requests, 0, inWide);
    dots(streams.attempts, from, outWide);
  }

  const factor = reading.offeredPerSecond > 0 ? perSecond / reading.offeredPerSecond : 0;
  const each = (rate: number) => `${Math.round(rate).toLocaleString('en')}/s`;
  write(context, `${each(reading.offeredPerSecond)} requests`, { x: 0, y: 9, colour: colours.muted });
  const label = `${each(perSecond)}${width < narrowPx ? '' : ' to the dependency'}`;
  write(context, label, { x: from, y: 9, colour: colours.text, weight: 600 });
  const times = {
    x: width,
    y: 9,
    align: 'right',
    colour: factor > 1.3 ? colours.retry : colours.muted,
  } as const;
  if (factor > 0) write(context, `×${factor.toFixed(1)}`, { ...times, weight: 700 });
  drawNode(surface, reading, node, colours);
}

function arrow(context: CanvasRenderingContext2D, x: number, high: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x, middlePx - high / 2 - 3);
  context.lineTo(x + 11, middlePx);
  context.lineTo(x, middlePx + high / 2 + 3);
  context.fill();
}

/** Draws what stands around the calls: the breaker's gap, the bulkhead's collar, or a plain mouth. */
function drawNode({ context }: Surface, reading: Reading, node: number, colours: Colours): void {
  const { breakers, slots, budget } = reading.frame;
  const state = stateOf(reading);
  const words: string[] = [];
  if (state === 'open') {
    const leftMs = breakers?.refusingForMs ?? 0;
    context.strokeStyle = colours.bad;
    context.lineWidth = 3;
    context.beginPath();
    const share = Math.min(1, leftMs / 1000);
    context.arc(node, middlePx, 11, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share);
    context.stroke();
    for (const x of [node - gapPx / 2, node + gapPx / 2 - 3])
      box(context, [x, middlePx - 14, 3, 28], colours.bad);
    words.push(`breaker open, refusing for ${(leftMs / 1000).toFixed(1)} s`);
  } else if (state === 'half-open') {
    disc(context, node, middlePx, 5, colours.first);
    for (const x of [node - gapPx / 2, node + gapPx / 2 - 3])
      box(context, [x, middlePx - 14, 3, 28], colours.warn);
    words.push('breaker half-open: trial');
  } else if (slots && reading.frame.queue === undefined) {
    for (const side of [-1, 1]) box(context, [node + side * 7 - 2, middlePx - 15, 4, 30], colours.muted);
    words.push(`bulkhead ${slots.used} of ${slots.of}`);
  } else {
    box(context, [node - 2, middlePx - 13, 4, 26], colours.border);
  }
  const isWaiting = reading.frame.queue === undefined && reading.frame.waiting > 0;
  if (isWaiting) words.push(`${reading.frame.waiting.toLocaleString('en')} wait`);
  if (reading.refusedPerSecond > 0.5) words.push(`${Math.round(reading.refusedPerSecond)}/s refused`);
  if (budget) words.push(`retry budget: ${Math.floor(budget.left)} left`);
  write(context, words.join(' · '), {
    x: node,
    y: bandPx - 8,
    align: 'center',
    size: 12,
    colour: colours.muted,
  });
}

/** Returns the state of most breakers; `closed` without one. */
function stateOf({ frame: { breakers } }: Reading): 'open' | 'half-open' | 'closed' {
  const { open = 0, halfOpen = 0, closed = 0 } = breakers ?? {};
  if (open > closed + halfOpen) return 'open';
  return halfOpen > closed ? 'half-open' : 'closed';
}
