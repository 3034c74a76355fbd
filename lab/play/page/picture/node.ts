import type { Reading } from '#lab/play/page/moment/readings.ts';
import { box, type Colours, disc, type Surface, write } from './canvas.ts';

const bandPx = 74;
const lowPx = 140;

/** Returns the height of the band above the pile. In a low picture, as on a phone, it is a line without pipes. */
export const bandOf = (height: number): number => (height < lowPx ? 20 : bandPx);
/** Height of the middle of the pipes. */
export const middlePx = 38;
/** Width of the gap of an open breaker. */
export const gapPx = 46;
const waitersMax = 40;

/** Draws what stands around the calls: the breaker's gap, the bulkhead's collar, or a plain mouth. */
export function drawNode(surface: Surface, reading: Reading, node: number, colours: Colours): void {
  const { context } = surface;
  const state = stateOf(reading);
  const { slots, queue } = reading.frame;
  const gate = (half: number, colour: string) => {
    for (const x of [node - half, node + half - 3]) box(context, [x, middlePx - 14, 3, 28], colour);
  };
  if (state === 'open') {
    gate(gapPx / 2, colours.bad);
    drawRing(surface, reading, node, colours);
  } else if (state === 'half-open') {
    gate(gapPx / 2, colours.warn);
    disc(context, node, middlePx, 5, colours.first);
  } else if (slots && queue === undefined) {
    gate(9, colours.muted);
    drawWaiters(surface, reading, node, colours);
  } else box(context, [node - 2, middlePx - 13, 4, 26], colours.border);
  const at = { x: node, y: bandPx - 8, align: 'center', size: 12, colour: colours.muted } as const;
  write(context, wordsOf(reading).join(' · '), at);
}

/** Draws the time that a breaker still refuses calls, as a ring that shrinks. */
function drawRing({ context }: Surface, { frame }: Reading, node: number, colours: Colours): void {
  const leftMs = frame.breakers?.refusingForMs;
  if (leftMs === undefined) return;
  context.strokeStyle = colours.bad;
  context.lineWidth = 3;
  context.beginPath();
  context.arc(node, middlePx, 11, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(1, leftMs / 1000));
  context.stroke();
}

/** Draws calls that wait for a slot above the collar. */
function drawWaiters({ context }: Surface, { frame }: Reading, node: number, colours: Colours): void {
  for (let index = 0; index < Math.min(frame.waiting, waitersMax); index++) {
    const [column, row] = [Math.floor(index / 2), index % 2];
    disc(context, node - 16 - column * 6, middlePx - 9 - row * 6, 2.3, colours.first);
  }
}

export function wordsOf({ frame, refusedPerSecond }: Reading): string[] {
  const { breakers, slots, queue, waiting, budget } = frame;
  const words: string[] = [];
  const { open = 0, halfOpen = 0, closed = 0, refusingForMs } = breakers ?? {};
  const all = open + halfOpen + closed;
  if (all > 1) words.push(`${open} of ${all} breakers open`);
  else if (open > 0) words.push(`refusing for ${((refusingForMs ?? 0) / 1000).toFixed(1)} s`);
  else if (halfOpen > 0) words.push('trial');
  if (slots && queue === undefined) words.push(`${slots.used} of ${slots.of} slots`);
  if (queue === undefined && waiting > 0) words.push(`${waiting.toLocaleString('en')} wait`);
  if (refusedPerSecond > 0.5) words.push(`${Math.round(refusedPerSecond)}/s refused`);
  if (budget !== undefined) words.push(`retry budget: ${Math.max(0, Math.floor(budget))} retries left`);
  return words;
}

/** Returns the state of most breakers; `closed` without one. */
export function stateOf({ frame: { breakers } }: Reading): 'open' | 'half-open' | 'closed' {
  const { open = 0, halfOpen = 0, closed = 0 } = breakers ?? {};
  if (open > closed + halfOpen) return 'open';
  return halfOpen > closed ? 'half-open' : 'closed';
}
