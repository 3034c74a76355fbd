import type { Pen } from './pen.ts';

/** Colours and shapes of calls and events. */
const looks = {
  first: ['first', 'disc'],
  retry: ['retry', 'disc with a hole'],
  left: ['left', 'ring'],
  waiting: ['first', 'square'],
  late: ['warn', 'square'],
} as const;
type Look = keyof typeof looks;

/** Rows of dots from the floor up. */
interface Place {
  /** Start of each row. */
  readonly x: number;
  readonly floor: number;
  readonly width: number;
  /** Distance between dots. */
  readonly pitch: number;
  /** True if rows go from right to left. */
  readonly isMirrored?: boolean;
}

const sprites = new Map<string, HTMLCanvasElement>();

/**
 * Draws dots of several looks, one look after the other. It fills their rows with patterns, since thousands of calls of `arc`
 * or `drawImage` take longer than a picture may.
 */
export function drawDots(pen: Pen, counts: readonly (readonly [Look, number])[], place: Place): void {
  const { context } = pen;
  const { x, floor, width, pitch, isMirrored } = place;
  const columns = Math.max(1, Math.floor(width / pitch));
  context.save();
  context.translate(x, floor);
  context.scale(isMirrored ? -pitch : pitch, -pitch);
  let until = counts.reduce((total, [, count]) => total + count, 0);
  // From the last look to the first: each takes the places of all before it, too, which then replace it.
  for (const [look, count] of counts.toReversed()) {
    const sprite = spriteOf(pen, look, pitch);
    const pattern = context.createPattern(sprite, 'repeat')!;
    pattern.setTransform(new DOMMatrix().scale(1 / sprite.width));
    context.fillStyle = pattern;
    const rows = Math.floor(until / columns);
    for (const [row, wide, high] of [[0, columns, rows] as const, [rows, until % columns, 1] as const]) {
      context.clearRect(0, row, wide, high);
      context.fillRect(0, row, wide, high);
    }
    until -= count;
  }
  context.restore();
}

function spriteOf(pen: Pen, look: Look, pitch: number): HTMLCanvasElement {
  const size = Math.max(2, Math.round(pitch * pen.scale));
  const [name, shape] = looks[look];
  const colour = pen.colour(name);
  const key = [shape, size, colour].join();
  const made = sprites.get(key) ?? drawSprite(shape, size, colour);
  sprites.set(key, made);
  return made;
}

function drawSprite(shape: string, size: number, colour: string): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
  const context = canvas.getContext('2d')!;
  const lineWidth = Math.max(1, size * 0.09);
  Object.assign(context, { fillStyle: colour, strokeStyle: colour, lineWidth });
  const circle = (radius: number) => {
    context.beginPath();
    context.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
  };
  circle(size * 0.43 - (shape === 'ring' ? lineWidth / 2 : 0));
  if (shape === 'square') context.fillRect(size * 0.11, size * 0.11, size * 0.78, size * 0.78);
  else if (shape === 'ring') context.stroke();
  else context.fill();
  if (shape === 'disc with a hole' && size > 9) {
    context.globalCompositeOperation = 'destination-out';
    circle(size * 0.14);
    context.fill();
  }
  return canvas;
}
