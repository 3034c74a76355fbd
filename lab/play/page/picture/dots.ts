import type { Colours, Surface } from './canvas.ts';
import { isAmong } from './pile.ts';

/** Calls in flight at the dependency, in dots. */
export interface Dots {
  readonly first: number;
  readonly retry: number;
  readonly abandoned: number;
}

/** Place of the dots: from the floor up, row by row from the left. */
interface Place {
  readonly left: number;
  readonly top: number;
  readonly floor: number;
  readonly width: number;
  /** Distance between dots. */
  readonly pitch: number;
}

const looks = ['first', 'retry', 'left'] as const;
type Look = (typeof looks)[number];

/** Picture of a dot: rows of pixels, each a colour with its opacity. */
interface Sprite {
  readonly size: number;
  readonly pixels: Uint32Array;
}

let sprites = { key: '', of: new Map<Look, Sprite>() };
let image: ImageData | undefined;

/**
 * Draws the pile: calls whose caller waits at the bottom, hollow ones of callers that left above. It copies pixels, since
 * thousands of calls of `arc` or `drawImage` take longer than a picture may.
 */
export function drawDots({ context, scale }: Surface, dots: Dots, place: Place, colours: Colours): void {
  const { left, top, floor, width, pitch } = place;
  const [wide, high] = [Math.floor(width * scale), Math.floor((floor - top) * scale)];
  if (wide < 1 || high < 1) return;
  if (image?.width !== wide || image.height !== high) image = new ImageData(wide, high);
  const target = new Uint32Array(image.data.buffer).fill(0);
  const pictures = spritesOf(Math.max(2, Math.round(pitch * scale)), colours);
  const live = dots.first + dots.retry;
  const share = live === 0 ? 0 : dots.retry / live;
  const columns = Math.floor(width / pitch);
  for (let index = 0; index < live + dots.abandoned; index++) {
    const [x, y] = [(index % columns) * pitch, (Math.floor(index / columns) + 1) * pitch];
    const look = index >= live ? 'left' : isAmong(share, index) ? 'retry' : 'first';
    stamp(target, wide, pictures.get(look)!, Math.round(x * scale), high - Math.round(y * scale));
  }
  context.putImageData(image, Math.round(left * scale), Math.round(top * scale));
}

/** Copies a sprite into a picture, if it is inside. */
function stamp(target: Uint32Array, wide: number, { size, pixels }: Sprite, x: number, y: number): void {
  if (x < 0 || y < 0 || x + size > wide) return;
  for (let row = 0, from = 0; row < size; row++) {
    let to = (y + row) * wide + x;
    for (let column = 0; column < size; column++, from++, to++) {
      const pixel = pixels[from]!;
      if (pixel !== 0 && to < target.length) target[to] = pixel;
    }
  }
}

function spritesOf(size: number, colours: Colours): ReadonlyMap<Look, Sprite> {
  const key = [size, ...looks.map((look) => colours[look])].join();
  if (sprites.key !== key)
    sprites = { key, of: new Map(looks.map((look) => [look, spriteOf(look, size, colours[look])])) };
  return sprites.of;
}

function spriteOf(look: Look, size: number, colour: string): Sprite {
  const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
  const context = canvas.getContext('2d')!;
  const line = Math.max(1, size * 0.09);
  const radius = size * 0.43;
  context.beginPath();
  context.arc(size / 2, size / 2, look === 'left' ? radius - line / 2 : radius, 0, 2 * Math.PI);
  Object.assign(context, { fillStyle: colour, strokeStyle: colour, lineWidth: line });
  if (look === 'left') context.stroke();
  else context.fill();
  // A retry has a hole, so that it differs by more than its colour.
  if (look === 'retry' && size > 9) {
    context.globalCompositeOperation = 'destination-out';
    context.beginPath();
    context.arc(size / 2, size / 2, size * 0.14, 0, 2 * Math.PI);
    context.fill();
  }
  return { size, pixels: new Uint32Array(context.getImageData(0, 0, size, size).data.buffer) };
}
