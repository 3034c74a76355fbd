import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { courseFiles } from '#test/support/course.ts';
import { demos } from './demo.ts';
import { type Bench, type Figure, figure } from './figure.ts';
import { runExperiment } from './run.ts';

/** Runs the experiments from 03 on, and counts the hypotheses that held. Then repeats the demo. */
export const bench: Bench = async (say, options) => {
  const figures: Figure[] = [];
  for (const file of courseFiles.slice(3)) {
    const name = basename(file, '.yaml');
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    const { status, hypotheses } = await runExperiment(path);
    say(`${name}: ${status}`);
    const held = hypotheses.filter(({ ok }) => ok).length;
    const unit = status === 'invalid' ? 'held, invalid' : 'held';
    figures.push(figure(`${name}: hypotheses`, held, unit, { atLeast: hypotheses.length }));
  }
  return [...figures, ...(await demos(say, options))];
};
