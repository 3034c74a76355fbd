import type { Pen } from './pen.ts';

const looks = {
  first: ['first', 'disc'],
  retry: ['retry', 'disc with a hole'],
  left: ['left', 'ring'],
  waiting: ['first', 'square'],
  late: ['warn', 'square'],
} as const;
type Look = keyof typeof looks;

interface Place {
  /** Start of each row. */
  readonly x: number;
  readonly floor: number;
  readonly width: number;
  readonly pitch: number;
  /** True if rows go from right to left. */
  readonly isMirrored?: boolean;
}

const patterns = new Map<string, CanvasPattern>();

/**
 * Draws numbers of dots, one look after the other. It fills their rows with patterns, since thousands of calls of `arc` or
 * `drawImage` take longer than a picture may.
 */
export function drawDots(pen: Pen, counts: Readonly<Partial<Record<Look, number>>>, place: Place): void {
  const { context } = pen;
  const { x, floor, width, pitch, isMirrored } = place;
  const columns = Math.max(1, Math.floor(width / pitch));
  context.save();
  context.translate(x, floor);
  context.scale(isMirrored ? -pitch : pitch, -pitch);
  // A dot of whole pixels looks the same without smoothing, which takes longer.
  context.imageSmoothingEnabled = !Number.isInteger(pitch * pen.scale);
  let until = Object.values(counts).reduce((total, count) => total + count, 0);
  // From the last look to the first: each takes the places of all before it, too, which then replace it.
  for (const [look, count] of Object.entries(counts).toReversed() as [Look, number][]) {
    context.fillStyle = patternOf(pen, look, pitch);
    const rows = Math.floor(until / columns);
    for (const [row, wide, high] of [[0, columns, rows] as const, [rows, until % columns, 1] as const]) {
      context.clearRect(0, row, wide, high);
      context.fillRect(0, row, wide, high);
    }
    until -= count;
  }
  context.restore();
}

function patternOf(pen: Pen, look: Look, pitch: number): CanvasPattern {
  const size = Math.max(2, Math.round(pitch * pen.scale));
  const [name, shape] = looks[look];
  const colour = pen.colour(name);
  const key = [shape, size, colour].join();
  const known = patterns.get(key);
  if (known) return known;
  const made = pen.context.createPattern(drawSprite(shape, size, colour), 'repeat')!;
  made.setTransform(new DOMMatrix().scale(1 / size));
  patterns.set(key, made);
  return made;
}

function drawSprite(shape: string, size: number, colour: string): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
  const context = canvas.getContext('2d')!;
  const lineWidth = Math.max(1, size * 0.09);
  Object.assign(context, { fillStyle: colour, strokeStyle: colour, lineWidth });
  if (shape === 'square') {
    context.fillRect(size * 0.11, size * 0.11, size * 0.78, size * 0.78);
    return canvas;
  }
  const circle = (radius: number) => context.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
  circle(size * 0.43 - (shape === 'ring' ? lineWidth / 2 : 0));
  // The inner circle stays empty, since both together are filled by the even-odd rule.
  if (shape === 'disc with a hole' && size > 9) circle(size * 0.14);
  if (shape === 'ring') context.stroke();
  else context.fill('evenodd');
  return canvas;
}

/** Part of a panel that dots fill row by row from the floor. */
export interface Area {
  readonly width: number;
  readonly height: number;
  readonly count: number;
}

/** Distances between dots in px. Whole pixels look even. */
const pitches = [20, 17, 14, 12, 10, 8, 7, 6, 5, 4, 3] as const;

const capacity = ({ width, height }: Area, pitch: number): number =>
  Math.floor(width / pitch) * Math.floor(height / pitch);

/** Returns the largest distance between dots at which all areas hold their dots. */
export function pitchFor(areas: readonly Area[]): number {
  const fits = (pitch: number) => areas.every((area) => capacity(area, pitch) >= area.count * 1.05);
  return pitches.find(fits) ?? pitches.at(-1)!;
}

/** Returns how many calls a dot stands for: ten if the picture would have too many. */
export function worthOf(areas: readonly Pick<Area, 'count'>[], dotsMax: number): number {
  let worth = 1;
  while (areas.some(({ count }) => count / worth > dotsMax)) worth *= 10;
  return worth;
}

/** Returns the height of a number of dots above the floor, as if they were a fluid. */
export const levelOf = (count: number, width: number, pitch: number): number =>
  (count / Math.floor(width / pitch)) * pitch;
