import { type Loop, loopOf } from '#lab/experiment/limits/loop.ts';
import type { Played } from '#lab/play/experiment.ts';
import type { Reading } from '#lab/play/page/moment/readings.ts';
import { letters } from '#lab/play/page/moment/sentence.ts';
import { byId, element } from '#lab/play/page/picture/elements.ts';
import { drawLoop } from '#lab/play/page/picture/loop-chart.ts';
import { Pen } from '#lab/play/page/picture/pen.ts';
import { sides } from '#lab/play/setting.ts';

/** Fold that explains a failure that outlives its cause, by the loop of retries and calls in flight. */
export class Why {
  readonly #section = byId('why');
  readonly #canvas = byId<HTMLCanvasElement>('loop');
  #loops: readonly (Loop | undefined)[] = [];

  toggle(): void {
    this.#section.hidden = !this.#section.hidden;
    byId('why-button').ariaExpanded = String(!this.#section.hidden);
  }

  explain({ experiment, names }: Played): void {
    this.#loops = sides.map((side) => loopOf(experiment, experiment.variants[names[side]]!));
    const known = this.#loops.find((loop) => loop !== undefined);
    this.#canvas.hidden = known === undefined;
    const { description } = experiment.variants[names.A]!;
    byId('why-text').replaceChildren(...(known ? wordsOf(known) : [`${description} ${leftOut}`]));
  }

  draw(readings: readonly Reading[], ratePerSecond: number): void {
    if (this.#section.hidden) return;
    const laps = this.#loops.flatMap((loop, index) =>
      loop ? [{ letter: letters[index]!, loop, inFlight: readings[index]!.inFlight }] : [],
    );
    if (laps.length > 0) drawLoop(new Pen(this.#canvas), laps, ratePerSecond);
  }
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
