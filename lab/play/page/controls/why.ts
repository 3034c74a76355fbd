import type { Loop } from '#lab/experiment/limits/loop.ts';
import type { Reading } from '#lab/play/page/moment/readings.ts';
import { letters } from '#lab/play/page/moment/sentence.ts';
import { byId, element } from '#lab/play/page/picture/elements.ts';
import { drawLoop } from '#lab/play/page/picture/loop-chart.ts';
import { Pen } from '#lab/play/page/picture/pen.ts';
import type { SceneVariant } from '#lab/play/scene.ts';

/** Shows or hides the fold that explains a failure that outlives its cause, by the loop of retries and calls in flight. */
export function toggleWhy(): void {
  byId('why').hidden = !byId('why').hidden;
  byId('why-button').ariaExpanded = String(!byId('why').hidden);
}

export function explain(variants: readonly SceneVariant[]): void {
  const known = variants.find(({ loop }) => loop !== undefined)?.loop;
  byId('loop').hidden = known === undefined;
  const words = known ? wordsOf(known) : [`${variants[0]!.description} ${leftOut}`];
  byId('why-text').replaceChildren(...words);
}

export function drawWhy(variants: readonly SceneVariant[], readings: readonly Reading[]): void {
  const laps = readings.flatMap(({ inFlight }, index) => {
    const { loop } = variants[index]!;
    return loop ? { letter: letters[index]!, loop, inFlight } : [];
  });
  if (byId('why').hidden || laps.length === 0) return;
  drawLoop(new Pen(byId<HTMLCanvasElement>('loop')), laps, readings[0]!.frame.offeredPerSecond);
}

const leftOut =
  'The curves of the loop are left out: here something else than retries after timeouts decides.';

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
