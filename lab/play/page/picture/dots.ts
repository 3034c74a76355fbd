import type { Colours, Surface } from './canvas.ts';
import { isAmong } from './pile.ts';

/** Calls in flight at the dependency, in dots. */
export interface Dots {
  readonly first: number;
  readonly retry: number;
  readonly abandoned: number;
}

type Look = 'first' | 'retry' | 'left';
const looks: readonly Look[] = ['first', 'retry', 'left'];

/** Place of the dots: from the floor up, row by row from the left. */
interface Place {
  readonly left: number;
  readonly floor: number;
  readonly width: number;
  /** Distance between dots, and the one before a change of the zoom, from which they glide. */
  readonly pitch: number;
  readonly before: number;
  /** Share of the way from the earlier to the new places, 0 to 1. */
  readonly moved: number;
}

let cached = { key: '', sprites: new Map<Look, HTMLCanvasElement>() };

/** Draws the pile: calls whose caller waits at the bottom, hollow ones of callers that left above. */
export function drawDots({ context }: Surface, dots: Dots, place: Place, colours: Colours): void {
  const { left, floor, width, pitch, before, moved } = place;
  const live = dots.first + dots.retry;
  const size = before + (pitch - before) * moved;
  const sprites = spritesOf(size, colours);
  const [columns, columnsBefore] = [Math.floor(width / pitch), Math.floor(width / before)];
  const share = live === 0 ? 0 : dots.retry / live;
  for (let index = 0; index < live + dots.abandoned; index++) {
    let [x, y] = [(index % columns) * pitch, (Math.floor(index / columns) + 1) * pitch];
    if (moved < 1) {
      x = x * moved + (index % columnsBefore) * before * (1 - moved);
      y = y * moved + (Math.floor(index / columnsBefore) + 1) * before * (1 - moved);
    }
    const look = index >= live ? 'left' : isAmong(share, index) ? 'retry' : 'first';
    context.drawImage(sprites.get(look)!, left + x, floor - y, size, size);
  }
}

/** Returns a picture of each kind of dot. Thousands of pictures are copied faster than as many circles are filled. */
function spritesOf(size: number, colours: Colours): ReadonlyMap<Look, HTMLCanvasElement> {
  const pixels = Math.max(2, Math.round(size * (window.devicePixelRatio || 1)));
  const key = [pixels, ...looks.map((look) => colours[look])].join();
  if (cached.key === key) return cached.sprites;
  const sprites = new Map(looks.map((look) => [look, sprite(look, pixels, colours[look])]));
  cached = { key, sprites };
  return sprites;
}

function sprite(look: Look, pixels: number, colour: string): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: pixels, height: pixels });
  const context = canvas.getContext('2d')!;
  const line = Math.max(1, pixels * 0.09);
  const radius = pixels * 0.41;
  context.beginPath();
  context.arc(pixels / 2, pixels / 2, look === 'left' ? radius - line / 2 : radius, 0, 2 * Math.PI);
  Object.assign(context, { fillStyle: colour, strokeStyle: colour, lineWidth: line });
  if (look === 'left') context.stroke();
  else context.fill();
  // A retry has a notch, so that it differs by more than its colour.
  if (look === 'retry' && pixels > 9) {
    context.globalCompositeOperation = 'destination-out';
    context.beginPath();
    context.arc(pixels / 2, pixels / 2, pixels * 0.13, 0, 2 * Math.PI);
    context.fill();
  }
  return canvas;
}
