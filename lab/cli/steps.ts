import { type Clock, systemClock } from '#kit/clock.ts';
import type { Steps } from '#lab/explore/exploration.ts';
import type { TrialProgress } from '#lab/explore/tuning.ts';
import { duration, plain } from '#lab/kit/text/format.ts';
import { lineTo, type Output, redraw } from './live.ts';

const redrawMs = 100;

/**
 * Returns a function that shows completed steps, with words about them such as `3 of 6 points`. A terminal gets one
 * changing line, other outputs a first line, and one for each 10 %.
 */
export function stepsTo(output: Output, clock: Clock = systemClock): (steps: Steps, what: string) => void {
  let tenths = -1;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  return ({ done, of, leftMs }, what) => {
    const isLeft = done < of && leftMs !== undefined && leftMs > 0;
    const left = isLeft ? `, about ${duration(1000 * Math.ceil(leftMs / 1000))} left` : '';
    const line = plain(what + left);
    if (!output.isTTY) {
      const now = Math.floor((10 * done) / of);
      if (now > tenths) output.write(`${10 * now} %: ${line}\n`);
      tenths = now;
      return;
    }
    if (clock.now() < drawnAtMs + redrawMs && done < of) return;
    drawnAtMs = clock.now();
    redraw(output, [line]);
  };
}

/** Returns functions that show trials: on a terminal below them one changing line. `markOf` marks those that hold. */
export function trialsTo(output: Output, markOf: (holds: boolean) => string): TrialProgress {
  const line = lineTo(output);
  let last = '';
  return {
    at(where) {
      if (where !== last) line(`Values ${where}:`);
      last = where;
    },
    under(trial) {
      if (output.isTTY) redraw(output, [plain(trial)]);
    },
    tried: (trial, holds) => line(plain(`${markOf(holds)} ${trial}`)),
    ended: (text) => line(plain(text)),
  };
}
