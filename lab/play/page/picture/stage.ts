import type { Scene } from '#lab/play/frame.ts';
import type { Reading } from '#lab/play/page/moment/readings.ts';
import { box, type Colours, clear, dashed, type Surface, sizeOf, write } from './canvas.ts';
import { drawDots } from './dots.ts';
import { bandOf } from './node.ts';
import { type Area, levelOf } from './pile.ts';
import { drawPipes, type Pipes } from './pipes.ts';

type Variant = Scene['variants'][number];

/** Zoom that both panels share. */
export interface Zoom {
  /** Distance between dots. */
  readonly pitch: number;
  /** Calls or events that one dot or square stands for. */
  readonly worth: number;
}

/** Share of a panel's width that the shelf of a queue takes. */
const shelfShare = 0.52;
const notchesPx = 40;

/** Returns the areas of a panel that dots fill: the pile, and the shelf of a queue. */
export function areasOf({ path }: Variant, reading: Reading, canvas: HTMLCanvasElement): Area[] {
  const { width, height: whole } = sizeOf(canvas);
  const height = whole - bandOf(whole) - 26;
  if (path === 'rpc') return [{ width, height, count: reading.inFlight }];
  const shelf = { width: width * shelfShare, height, count: reading.frame.queue?.waiting ?? 0 };
  return [shelf, { width: width * (1 - shelfShare) - notchesPx, height, count: reading.inFlight }];
}

export interface Staged {
  readonly variant: Variant;
  readonly pipes: Pipes;
  readonly zoom: Zoom;
}

/** Draws one panel: pipes, the queue's shelf with its slots, the pile, and the line. */
export function drawStage(canvas: HTMLCanvasElement, staged: Staged, colours: Colours): void {
  const surface = clear(canvas);
  const { context, width, height } = surface;
  const { variant, pipes, zoom } = staged;
  drawPipes(surface, pipes, colours);
  const floor = height - 2;
  const left = variant.path === 'event' ? width * shelfShare + notchesPx : 0;
  const { first, retry, abandoned } = pipes.reading.frame.inFlight;
  const dots = {
    first: Math.ceil(first / zoom.worth),
    retry: Math.ceil(retry / zoom.worth),
    abandoned: Math.ceil(abandoned / zoom.worth),
  };
  const place = { left, top: bandOf(height), floor, width: width - left, pitch: zoom.pitch };
  drawDots(surface, dots, place, colours);
  box(context, [left, floor, width - left, 2], colours.border);
  if (variant.path === 'event') drawShelf(surface, pipes.reading, zoom, colours);
  if (variant.line) {
    const isFaulty = pipes.reading.frame.faults.length > 0;
    drawLine(surface, variant.line, { left, floor, zoom, isFaulty }, colours);
  }
  drawLetters(surface, pipes.reading, colours);
}

function drawLine(
  { context, width }: Surface,
  line: NonNullable<Variant['line']>,
  { left, floor, zoom, isFaulty }: { left: number; floor: number; zoom: Zoom; isFaulty: boolean },
  colours: Colours,
): void {
  const y =
    Math.round(floor - Math.max(4, levelOf(line.inFlight / zoom.worth, width - left, zoom.pitch))) - 0.5;
  dashed(context, [left, y], [width, y], colours.text);
  // A fault may change the dependency, and then the line is elsewhere.
  const when = isFaulty ? 'without the fault, ' : '';
  const isNarrow = width - left < 360;
  const unit = isNarrow ? '' : ' in flight';
  const text = `${when}above ${line.inFlight.toLocaleString('en')}${unit}: ${line.text}`;
  write(context, text, {
    x: width - 6,
    y: y - 13,
    align: 'right',
    size: isNarrow ? 11 : 13,
    colour: colours.text,
    behind: colours.surface,
  });
}

/** Draws the tray of dead letters. */
function drawLetters({ context, width, height }: Surface, { frame }: Reading, colours: Colours): void {
  const { deadLetters = 0 } = frame;
  if (deadLetters === 0) return;
  const text = `${'×'.repeat(Math.min(deadLetters, 20))} ${deadLetters.toLocaleString('en')} dead letters`;
  write(context, text, {
    x: width,
    y: bandOf(height) + 14,
    align: 'right',
    colour: colours.bad,
    weight: 600,
  });
}

/** Draws the waiting events as squares, the late ones amber, and the slots as notches. */
function drawShelf(surface: Surface, { frame }: Reading, zoom: Zoom, colours: Colours): void {
  const { context, width, height } = surface;
  const floor = height - 2;
  const shelf = width * shelfShare;
  const columns = Math.floor(shelf / zoom.pitch);
  const waiting = Math.ceil((frame.queue?.waiting ?? 0) / zoom.worth);
  const late = Math.ceil((frame.queue?.pastDeadline ?? 0) / zoom.worth);
  const size = zoom.pitch * 0.78;
  for (let index = 0; index < waiting; index++) {
    // The oldest is nearest to the slots.
    const x = shelf - ((index % columns) + 1) * zoom.pitch;
    const y = floor - (Math.floor(index / columns) + 1) * zoom.pitch;
    box(context, [x, y, size, size], index < late ? colours.warn : colours.first);
  }
  box(context, [0, floor, shelf, 2], colours.border);
  const { used = 0, of = 0 } = frame.slots ?? {};
  const each = Math.min(14, (height - bandOf(height) - 30) / Math.max(1, of));
  for (let slot = 0; slot < of; slot++) {
    const y = floor - (slot + 1) * each;
    box(context, [shelf + 10, y, 16, Math.max(1, each - 2)], slot < used ? colours.first : colours.border);
  }
  write(context, `${used}/${of}`, {
    x: shelf + 18,
    y: floor - of * each - 10,
    align: 'center',
    size: 11,
    colour: colours.muted,
  });
}
