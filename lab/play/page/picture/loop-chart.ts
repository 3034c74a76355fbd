import type { Loop } from '#lab/play/loop.ts';
import { box, type Colours, clear, dashed, disc, type Surface, write } from './canvas.ts';

/** One variant in the chart. */
export interface Lap {
  readonly letter: string;
  readonly loop: Loop;
  readonly inFlight: number;
}

interface Scale {
  readonly x: (inFlight: number) => number;
  readonly y: (perSecond: number) => number;
  readonly inFlightMax: number;
}

const margin = { left: 44, right: 12, top: 22, bottom: 34 };

/** Draws attempts per second over calls in flight: what completes, and what arrives in each variant. */
export function drawLoop(
  canvas: HTMLCanvasElement,
  laps: readonly Lap[],
  ratePerSecond: number,
  colours: Colours,
): void {
  const surface = clear(canvas);
  const { context, width, height } = surface;
  const { loop } = laps[0]!;
  const inFlightMax = Math.max(2000, ...laps.map(({ inFlight }) => inFlight * 1.3));
  const arriving = laps.map((lap) => lap.loop.arrivingPerSecond(ratePerSecond, inFlightMax));
  const top = Math.max(loop.completedPerSecond(inFlightMax), ...arriving) * 1.15;
  const scale: Scale = {
    inFlightMax,
    x: (inFlight) =>
      margin.left +
      (Math.log(Math.max(1, inFlight)) / Math.log(inFlightMax)) * (width - margin.left - margin.right),
    y: (perSecond) => height - margin.bottom - (perSecond / top) * (height - margin.top - margin.bottom),
  };
  drawAxes(surface, scale, loop.timeoutInFlight, colours);
  curve(context, scale, loop.completedPerSecond, colours.good, [1, loop.timeoutInFlight]);
  context.setLineDash([5, 5]);
  curve(context, scale, loop.completedPerSecond, colours.good, [loop.timeoutInFlight, inFlightMax]);
  context.setLineDash([]);
  const colour = (index: number) => (index === 0 ? colours.retry : colours.first);
  for (const [index, { letter, loop }] of laps.entries()) {
    curve(context, scale, (inFlight) => loop.arrivingPerSecond(ratePerSecond, inFlight), colour(index), [
      1,
      inFlightMax,
    ]);
    const label = { x: scale.x(loop.timeoutInFlight) + 10, y: scale.y(arriving[index]!) - 11, weight: 600 };
    write(context, `attempts that arrive in ${letter}`, { ...label, colour: colour(index) });
  }
  const late = { x: width - margin.right, y: scale.y(loop.completedPerSecond(inFlightMax)) + 16 };
  write(context, 'completed too late', { ...late, align: 'right', colour: colours.good });
  const early = { x: scale.x(18), y: scale.y(loop.completedPerSecond(18)) - 8, align: 'right' } as const;
  write(context, 'completed in time', { ...early, colour: colours.good });
  for (const [index, { letter, loop, inFlight }] of laps.entries()) {
    const [x, y] = [scale.x(inFlight), scale.y(loop.arrivingPerSecond(ratePerSecond, inFlight))];
    disc(context, x, y, 11, colour(index));
    write(context, letter, { x, y: y + 0.5, align: 'center', colour: colours.surface, weight: 700 });
  }
}

function drawAxes(
  { context, width, height }: Surface,
  { x, y, inFlightMax }: Scale,
  edge: number,
  colours: Colours,
): void {
  const floor = height - margin.bottom;
  const quiet = { size: 12, colour: colours.muted } as const;
  box(context, [margin.left, floor, width - margin.left - margin.right, 1], colours.border);
  for (let tick = 1; tick <= inFlightMax; tick *= 10) {
    write(context, tick.toLocaleString('en'), { ...quiet, x: x(tick), y: floor + 10, align: 'center' });
  }
  const name = { ...quiet, x: width / 2, y: floor + 25, align: 'center' } as const;
  write(context, 'calls in flight at the dependency', name);
  write(context, 'attempts per second', { ...quiet, x: 0, y: 8 });
  const each = [10, 20, 50, 100, 200, 500, 1000].find((step) => y(0) - y(step) > 30) ?? 2000;
  for (let tick = 0; y(tick) > margin.top; tick += each)
    write(context, String(tick), { ...quiet, x: margin.left - 8, y: y(tick), align: 'right' });
  dashed(context, [x(edge), margin.top], [x(edge), floor], colours.text);
  const begin = {
    x: x(edge) - 6,
    y: margin.top + 4,
    align: 'right',
    size: 12,
    colour: colours.text,
  } as const;
  write(context, `${edge}: timeouts begin`, begin);
}

function curve(
  context: CanvasRenderingContext2D,
  { x, y }: Scale,
  of: (inFlight: number) => number,
  colour: string,
  [from, to]: readonly [number, number],
): void {
  context.strokeStyle = colour;
  context.lineWidth = 2.5;
  context.beginPath();
  for (let inFlight = from; inFlight < to; inFlight = Math.max(inFlight + 1, inFlight * 1.04))
    context.lineTo(x(inFlight), y(of(inFlight)));
  context.lineTo(x(to), y(of(to)));
  context.stroke();
}
