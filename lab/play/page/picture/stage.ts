import type { Reading } from '#lab/play/page/moment/readings.ts';
import type { SceneVariant } from '#lab/play/scene.ts';
import { type Area, drawDots, levelOf } from './dots.ts';
import type { Pen } from './pen.ts';
import { bandOf, drawPipes, type Picture } from './pipes.ts';

/** Share of a panel's width that the shelf of a queue takes. */
const shelfShare = 0.52;
const slotsPx = 40;
/** Row of labels below the floor, where they cover no dots. */
const labelsPx = 20;

/** Returns the areas of a panel that dots fill, with the most dots in them: the pile, and the shelf of a queue. */
export function areasOf({ path }: SceneVariant, { most }: Reading, pen: Pen): Area[] {
  const { width } = pen;
  const height = pen.height - bandOf(pen.height) - labelsPx - 8;
  if (path === 'rpc') return [{ width, height, count: most.inFlight }];
  const shelf = { width: width * shelfShare, height, count: most.waiting };
  return [shelf, { width: width * (1 - shelfShare) - slotsPx, height, count: most.inFlight }];
}

/** Draws one panel: pipes, the queue's shelf with its slots, the pile, and the line. */
export function drawStage(pen: Pen, picture: Picture): void {
  const { variant, reading, pitch, worth } = picture;
  drawPipes(pen, picture);
  const floor = pen.height - labelsPx;
  const left = variant.path === 'event' ? pen.width * shelfShare + slotsPx : 0;
  const { first, retry, abandoned } = reading.frame.inFlight;
  const dotsOf = (count: number) => Math.ceil(count / worth);
  const dots = { first: dotsOf(first), retry: dotsOf(retry), left: dotsOf(abandoned) };
  drawDots(pen, dots, { x: left, floor, width: pen.width - left, pitch });
  pen.box([left, floor, pen.width - left, 2], 'border');
  if (variant.path === 'event') drawShelf(pen, picture, floor);
  if (variant.line) drawLine(pen, picture, left, floor);
  else if (left > 0) pen.write('at the dependency', [left, floor + 12], { size: 12 });
}

function drawLine(pen: Pen, { variant, reading, pitch, worth }: Picture, left: number, floor: number): void {
  const { inFlight, text: meaning } = variant.line!;
  const level = levelOf(inFlight / worth, pen.width - left, pitch);
  const y = Math.round(floor - Math.max(4, level)) - 0.5;
  pen.line([left, y, pen.width, y], 'text', 1.5, [6, 5]);
  // A fault may change the dependency, and then the line is elsewhere.
  const when = reading.frame.faults.length > 0 ? 'without the fault, ' : '';
  const number = `above ${inFlight.toLocaleString('en')}`;
  const texts = [`${when}${number} in flight: ${meaning}`, `${number}: ${meaning}`, number];
  texts.some((text) => pen.write(`╌╌ ${text}`, [left, floor + 12], { colour: 'text', size: 12 }));
}

/** Draws the waiting events as squares, the late ones amber, and the slots as notches. */
function drawShelf(pen: Pen, { reading: { frame }, pitch, worth }: Picture, floor: number): void {
  const shelf = pen.width * shelfShare;
  const { waiting = 0, pastDeadline = 0 } = frame.queue ?? {};
  const late = Math.ceil(pastDeadline / worth);
  // The oldest are nearest to the slots.
  const place = { x: shelf, floor, width: shelf, pitch, isMirrored: true };
  drawDots(pen, { late, waiting: Math.ceil(waiting / worth) - late }, place);
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
