import type { SceneVariant } from '#lab/play/frame.ts';
import type { Reading } from '#lab/play/page/moment/readings.ts';
import { drawDots } from './dots.ts';
import { type Pen, sizeOf } from './pen.ts';
import { type Area, levelOf } from './pile.ts';
import { bandOf, drawPipes, type Piped } from './pipes.ts';

/** Zoom that both panels share. */
export interface Zoom {
  /** Distance between dots. */
  readonly pitch: number;
  /** Calls or events that one dot or square stands for. */
  readonly worth: number;
}

/** Share of a panel's width that the shelf of a queue takes. */
const shelfShare = 0.52;
const slotsPx = 40;
/** Row of labels below the floor, where they cover no dots. */
const labelsPx = 20;

interface Shown {
  readonly variant: SceneVariant;
  readonly reading: Reading;
}

/** Returns the areas of a panel that dots fill: the pile, and the shelf of a queue. */
export function areasOf({ variant, reading }: Shown, canvas: HTMLCanvasElement): Area[] {
  const { width, height: whole } = sizeOf(canvas);
  const height = whole - bandOf(whole) - labelsPx - 8;
  if (variant.path === 'rpc') return [{ width, height, count: reading.inFlight }];
  const shelf = { width: width * shelfShare, height, count: reading.frame.queue?.waiting ?? 0 };
  return [shelf, { width: width * (1 - shelfShare) - slotsPx, height, count: reading.inFlight }];
}

export interface Staged extends Piped, Shown {
  readonly zoom: Zoom;
}

/** Draws one panel: pipes, the queue's shelf with its slots, the pile, and the line. */
export function drawStage(pen: Pen, staged: Staged): void {
  const { variant, reading, zoom } = staged;
  const { pitch, worth } = zoom;
  drawPipes(pen, staged);
  const floor = pen.height - labelsPx;
  const left = variant.path === 'event' ? pen.width * shelfShare + slotsPx : 0;
  const { first, retry, abandoned } = reading.frame.inFlight;
  const counts = [['first', first] as const, ['retry', retry] as const, ['left', abandoned] as const];
  const dots = counts.map(([look, count]) => [look, Math.ceil(count / worth)] as const);
  drawDots(pen, dots, { x: left, floor, width: pen.width - left, pitch });
  pen.box([left, floor, pen.width - left, 2], 'border');
  if (variant.path === 'event') drawShelf(pen, reading, zoom, floor);
  if (variant.line) drawLine(pen, staged, left, floor);
  else if (left > 0) pen.write('at the dependency', [left, floor + 12], { size: 12 });
}

/** Draws the line, and its meaning below the floor. */
function drawLine(pen: Pen, { variant, reading, zoom }: Staged, left: number, floor: number): void {
  const { inFlight, text: meaning } = variant.line!;
  const level = levelOf(inFlight / zoom.worth, pen.width - left, zoom.pitch);
  const y = Math.round(floor - Math.max(4, level)) - 0.5;
  pen.line([left, y, pen.width, y], 'text', 1.5, [6, 5]);
  // A fault may change the dependency, and then the line is elsewhere.
  const when = reading.frame.faults.length > 0 ? 'without the fault, ' : '';
  const number = `above ${inFlight.toLocaleString('en')}`;
  const texts = [`${when}${number} in flight: ${meaning}`, `${number}: ${meaning}`, number];
  texts.some((text) => pen.write(`╌╌ ${text}`, [left, floor + 12], { colour: 'text', size: 12 }));
}

/** Draws the waiting events as squares, the late ones amber, and the slots as notches. */
function drawShelf(pen: Pen, { frame }: Reading, { pitch, worth }: Zoom, floor: number): void {
  const shelf = pen.width * shelfShare;
  const { waiting = 0, pastDeadline = 0 } = frame.queue ?? {};
  const late = Math.ceil(pastDeadline / worth);
  const events = [['late', late] as const, ['waiting', Math.ceil(waiting / worth) - late] as const];
  // The oldest are nearest to the slots.
  drawDots(pen, events, { x: shelf, floor, width: shelf, pitch, isMirrored: true });
  pen.box([0, floor, shelf, 2], 'border');
  pen.box([0, floor - 14, 2, 16], 'border');
  const label = pastDeadline > 0 ? `queue: ${pastDeadline.toLocaleString('en')} past the deadline` : 'queue';
  pen.write(label, [0, floor + 12], { size: 12, colour: pastDeadline > 0 ? 'warn' : 'muted' });
  const { used = 0, of = 0 } = frame.slots ?? {};
  const each = Math.min(14, (floor - bandOf(pen.height) - 10) / Math.max(1, of));
  for (let slot = 0; slot < of; slot++) {
    const y = floor - (slot + 1) * each;
    pen.box([shelf + 10, y, 16, Math.max(1, each - 2)], slot < used ? 'first' : 'border');
  }
  pen.write(`${used}/${of}`, [shelf + 18, floor + 12], { align: 'center', size: 12 });
}
