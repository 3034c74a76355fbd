import type { Reading } from '#lab/play/page/moment/readings.ts';
import { box, type Colours, disc, type Surface, write } from './canvas.ts';
import { bandOf, drawNode, gapPx, middlePx, stateOf, wordsOf } from './node.ts';
import { isAmong } from './pile.ts';

const widthMaxPx = 32;
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
  const { context, width, height } = surface;
  const { reading, usualPerSecond, streams, hasMotion } = pipes;
  const node = Math.round(width * 0.46);
  const perSecond = reading.firstsPerSecond + reading.retriesPerSecond;
  const wide = (rate: number) =>
    Math.min(widthMaxPx, Math.max(rate > 0 ? 2 : 1, (rate / usualPerSecond) * 8));
  const half = stateOf(reading) === 'closed' ? 7 : gapPx / 2;
  const isLow = bandOf(height) < middlePx;
  drawRates(surface, reading, isLow ? undefined : node + half, colours);
  if (isLow) return;

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
    const dots = (of: Stream, x: number, high: number, end: number) => {
      const radius = 2.6;
      for (const [index, dot] of of.dots.entries()) {
        if (x + dot.x > end) continue;
        const spread = Math.max(0, high / 2 - radius);
        const y = middlePx + (((index * 0.618034) % 1) * 2 - 1) * spread;
        disc(context, x + dot.x, y, radius, dot.isRetry ? colours.retry : colours.first);
      }
    };
    dots(streams.requests, 0, inWide, node - half - 3);
    dots(streams.attempts, from, outWide, from + length);
  }

  drawNode(surface, reading, node, colours);
}

/** Writes the rates above the pipes. Without pipes they are one line, with the words about what stands between. */
function drawRates(
  { context, width }: Surface,
  reading: Reading,
  from: number | undefined,
  colours: Colours,
): void {
  const perSecond = reading.firstsPerSecond + reading.retriesPerSecond;
  const factor = reading.offeredPerSecond > 0 ? perSecond / reading.offeredPerSecond : 0;
  const each = (rate: number) => `${Math.round(rate).toLocaleString('en')}/s`;
  const requests =
    from === undefined ? ` → ${[each(perSecond), ...wordsOf(reading)].join(' · ')}` : ' requests';
  write(context, each(reading.offeredPerSecond) + requests, { x: 0, y: 9, colour: colours.muted });
  if (from !== undefined) {
    const label = `${each(perSecond)}${width < narrowPx ? '' : ' to the dependency'}`;
    write(context, label, { x: from, y: 9, colour: colours.text, weight: 600 });
  }
  const isMostlyRetries = reading.retriesPerSecond > 0.3 * perSecond;
  const times = { x: width, y: 9, align: 'right', weight: 700 } as const;
  // Events that waited arrive later than they were offered, so that the factor would mean nothing.
  if (factor > 0 && reading.frame.queue === undefined)
    write(context, `×${factor.toFixed(1)}`, {
      ...times,
      colour: isMostlyRetries ? colours.retry : colours.muted,
    });
}

function arrow(context: CanvasRenderingContext2D, x: number, high: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x, middlePx - high / 2 - 3);
  context.lineTo(x + 11, middlePx);
  context.lineTo(x, middlePx + high / 2 + 3);
  context.fill();
}
