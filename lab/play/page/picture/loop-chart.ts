import type { Loop } from '#lab/play/loop.ts';
import type { Pen } from './pen.ts';

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
export function drawLoop(pen: Pen, laps: readonly Lap[], ratePerSecond: number): void {
  const { width, height } = pen;
  const { timeoutInFlight: edge, completedPerSecond } = laps[0]!.loop;
  const inFlightMax = Math.max(2000, ...laps.map(({ inFlight }) => inFlight * 1.3));
  const drawn = laps.map(({ letter, loop, inFlight }, index) => {
    const arriving = (of: number) => loop.arrivingPerSecond(ratePerSecond, of);
    return { letter, inFlight, arriving, colour: index === 0 ? ('retry' as const) : ('first' as const) };
  });
  const top = Math.max(
    ...[completedPerSecond, ...drawn.map(({ arriving }) => arriving)].map((of) => of(inFlightMax)),
  );
  const wide = (width - margin.left - margin.right) / Math.log(inFlightMax);
  const scale: Scale = {
    inFlightMax,
    x: (inFlight) => margin.left + Math.log(Math.max(1, inFlight)) * wide,
    y: (perSecond) =>
      height - margin.bottom - (perSecond / top / 1.15) * (height - margin.top - margin.bottom),
  };
  const { x, y } = scale;
  drawAxes(pen, scale, edge);
  pen.line(curve(scale, completedPerSecond, 1, edge), 'good', 2.5);
  pen.line(curve(scale, completedPerSecond, edge, inFlightMax), 'good', 2.5, [5, 5]);
  for (const { letter, arriving, colour } of drawn) {
    pen.line(curve(scale, arriving, 1, inFlightMax), colour, 2.5);
    const label = [x(edge) + 10, y(arriving(inFlightMax)) - 11] as const;
    pen.write(`attempts that arrive in ${letter}`, label, { weight: 600, colour });
  }
  const late = [width - margin.right, y(completedPerSecond(inFlightMax)) + 16] as const;
  pen.write('completed too late', late, { align: 'right', colour: 'good' });
  pen.write('completed in time', [x(18), y(completedPerSecond(18)) - 8], { align: 'right', colour: 'good' });
  for (const { letter, arriving, inFlight, colour } of drawn) {
    const ball = [x(inFlight), y(arriving(inFlight))] as const;
    pen.disc(ball, 11, colour);
    pen.write(letter, ball, { align: 'center', colour: 'surface', weight: 700 });
  }
}

function drawAxes(pen: Pen, { x, y, inFlightMax }: Scale, edge: number): void {
  const { width, height } = pen;
  const floor = height - margin.bottom;
  const size = 12;
  pen.box([margin.left, floor, width - margin.left - margin.right, 1], 'border');
  for (let tick = 1; tick <= inFlightMax; tick *= 10)
    pen.write(tick.toLocaleString('en'), [x(tick), floor + 10], { size, align: 'center' });
  pen.write('calls in flight at the dependency', [width / 2, floor + 25], { size, align: 'center' });
  pen.write('attempts per second', [0, 8], { size });
  const each = [10, 20, 50, 100, 200, 500, 1000].find((step) => y(0) - y(step) > 30) ?? 2000;
  for (let tick = 0; y(tick) > margin.top; tick += each)
    pen.write(String(tick), [margin.left - 8, y(tick)], { size, align: 'right' });
  pen.line([x(edge), margin.top, x(edge), floor], 'text', 1.5, [6, 5]);
  const begin = [x(edge) - 6, margin.top + 4] as const;
  pen.write(`${edge}: timeouts begin`, begin, { size, align: 'right', colour: 'text' });
}

/** Returns points of a curve, closer together where there are fewer calls. */
function curve({ x, y }: Scale, of: (inFlight: number) => number, from: number, until: number) {
  const points: number[] = [];
  for (let inFlight = from; inFlight < until; inFlight = Math.max(inFlight + 1, inFlight * 1.04))
    points.push(x(inFlight), y(of(inFlight)));
  return [...points, x(until), y(of(until))];
}
