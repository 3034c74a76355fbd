import type { Loop } from '#lab/experiment/limits/loop.ts';
import type { Reading } from '#lab/play/page/moment/readings.ts';
import { byId, element } from '#lab/play/page/picture/elements.ts';
import { Pen } from '#lab/play/page/picture/pen.ts';
import type { SceneVariant } from '#lab/play/scene.ts';
import { sides } from '#lab/play/setting.ts';

/** Shows or hides the fold that explains a failure that outlives its cause, by the loop of retries and calls in flight. */
export function toggleWhy(): void {
  byId('why').hidden = !byId('why').hidden;
  byId('why-button').ariaExpanded = String(!byId('why').hidden);
}

export function explain(variants: readonly SceneVariant[]): void {
  const known = variants.find(({ loop }) => loop !== undefined)?.loop;
  byId('loop').hidden = known === undefined;
  const without = `${variants[0]!.description} The curves of the loop are left out: here something else than retries after timeouts decides.`;
  byId('why-text').replaceChildren(...(known ? wordsOf(known) : [without]));
}

type Curve = (inFlight: number) => number;

const margin = { left: 44, right: 12, top: 22, bottom: 34 };
const size = 12;

/** Draws attempts per second over calls in flight: what completes, and what arrives in each variant. */
export function drawWhy(variants: readonly SceneVariant[], readings: readonly Reading[]): void {
  const ratePerSecond = readings[0]?.frame.offeredPerSecond ?? 0;
  const most = Math.max(2000, ...readings.map(({ inFlight }) => inFlight * 1.3));
  const drawn = readings.flatMap(({ inFlight }, index) => {
    const { loop } = variants[index]!;
    if (!loop) return [];
    const arriving: Curve = (of) => loop.arrivingPerSecond(ratePerSecond, of);
    const colour = index === 0 ? 'retry' : 'first';
    return { loop, letter: sides[index]!, inFlight, arriving, colour } as const;
  });
  if (byId('why').hidden || drawn.length === 0) return;
  const pen = new Pen(byId<HTMLCanvasElement>('loop'));
  const { timeoutInFlight: edge, completedPerSecond: completed } = drawn[0]!.loop;
  const right = pen.width - margin.right;
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

function wordsOf({ timeoutInFlight, timeoutMs, sticksAbove, completedPerSecond }: Loop): (string | Node)[] {
  const most = Math.round(completedPerSecond(timeoutInFlight));
  const sticks =
    sticksAbove === undefined
      ? 'No load below that sticks.'
      : `So a spike sticks in A if the load is above ${Math.round(sticksAbove)}/s.`;
  return [
    `With more than ${timeoutInFlight} calls in flight a call takes longer than ${timeoutMs} ms. Its caller leaves and tries again, `,
    element('b', {}, 'so more attempts arrive just when none completes in time. '),
    `Where a line of arrivals is above the dashed green one, the pile grows; where it is below, the pile drains. At the hump ${most}/s complete. ${sticks} `,
    'Fewer tries or a budget lower the line; less load does, too. A longer wait doesn’t.',
  ];
}
