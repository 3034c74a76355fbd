import type { Loop } from '#lab/experiment/limits/loop.ts';
import type { Pen } from './pen.ts';

/** One variant in the chart. */
export interface Lap {
  readonly letter: string;
  readonly loop: Loop;
  readonly inFlight: number;
}

type Curve = (inFlight: number) => number;

const margin = { left: 44, right: 12, top: 22, bottom: 34 };
const size = 12;

/** Draws attempts per second over calls in flight: what completes, and what arrives in each variant. */
export function drawLoop(pen: Pen, laps: readonly Lap[], ratePerSecond: number): void {
  const { timeoutInFlight: edge, completedPerSecond: completed } = laps[0]!.loop;
  const right = pen.width - margin.right;
  const most = Math.max(2000, ...laps.map(({ inFlight }) => inFlight * 1.3));
  const drawn = laps.map(({ letter, loop, inFlight }, index) => {
    const arriving: Curve = (of) => loop.arrivingPerSecond(ratePerSecond, of);
    return { letter, inFlight, arriving, colour: index === 0 ? ('retry' as const) : ('first' as const) };
  });
  const top = 1.15 * Math.max(completed(most), ...drawn.map(({ arriving }) => arriving(most)));
  const floor = pen.height - margin.bottom;
  const x: Curve = (of) => margin.left + (Math.log(Math.max(1, of)) / Math.log(most)) * (right - margin.left);
  const y: Curve = (perSecond) => floor - (perSecond / top) * (floor - margin.top);
  // Points are closer together where there are fewer calls.
  const pointsOf = (of: Curve, from: number, until: number) => {
    const points: number[] = [];
    for (let at = from; at < until; at = Math.max(at + 1, at * 1.04)) points.push(x(at), y(of(at)));
    return [...points, x(until), y(of(until))];
  };
  drawAxes(pen, x, y, most);
  pen.line([x(edge), margin.top, x(edge), floor], 'text', 1.5, [6, 5]);
  pen.line(pointsOf(completed, 1, edge), 'good', 2.5);
  pen.line(pointsOf(completed, edge, most), 'good', 2.5, [5, 5]);
  for (const { arriving, colour } of drawn) pen.line(pointsOf(arriving, 1, most), colour, 2.5);
  for (const { letter, arriving, inFlight, colour } of drawn) {
    const ball = [x(inFlight), y(arriving(inFlight))] as const;
    pen.disc(ball, 11, colour);
    pen.write(letter, ball, { align: 'center', colour: 'surface', weight: 700 });
    const label = [x(edge) + 10, y(arriving(most)) - 11] as const;
    pen.write(`arriving in ${letter}`, label, { weight: 600, colour });
  }
  const begin = [x(edge) - 6, margin.top + 4] as const;
  pen.write(`${edge}: timeouts begin`, begin, { size, align: 'right', colour: 'text' });
  pen.write('completed too late', [right, y(completed(most)) + 16], { align: 'right', colour: 'good' });
  pen.write('completed in time', [x(18), y(completed(18)) - 8], { align: 'right', colour: 'good' });
}

function drawAxes(pen: Pen, x: Curve, y: Curve, most: number): void {
  const floor = y(0);
  pen.box([margin.left, floor, pen.width - margin.left - margin.right, 1], 'border');
  for (let tick = 1; tick <= most; tick *= 10)
    pen.write(tick.toLocaleString('en'), [x(tick), floor + 10], { size, align: 'center' });
  pen.write('calls in flight at the dependency', [pen.width / 2, floor + 25], { size, align: 'center' });
  pen.write('attempts per second', [0, 8], { size });
  const each = [10, 20, 50, 100, 200, 500, 1000].find((step) => floor - y(step) > 30) ?? 2000;
  for (let tick = 0; y(tick) > margin.top; tick += each)
    pen.write(String(tick), [margin.left - 8, y(tick)], { size, align: 'right' });
}
