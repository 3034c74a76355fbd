import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { experiments } from '#grafana/experiments.ts';
import { metricName, unitOfFigure } from '#lab/experiment/hypothesis/metric-name.ts';
import type { Result } from '#lab/result/result.ts';
import { engines } from '#lab/testbed/engines.ts';
import { type Bench, type Figure, figure } from './figure.ts';
import { runExperiment } from './run.ts';

/** Experiments whose predictions come from a law. The first three predict by a model instead, or have no fault. */
const withLaws = experiments.slice(3).map(({ file }) => file);

/** Runs these experiments, compares their predictions with the measurements, and counts the hypotheses that held. */
export const bench: Bench = async (say) => {
  const figures: Figure[] = [];
  for (const file of withLaws) {
    const name = basename(file, '.yaml');
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    const result = await runExperiment(path, engines.local({ urls: {}, ownConsumer: false }).start);
    say(`${name}: ${result.status}`);
    figures.push(...figuresOf(name, result));
  }
  return figures;
};

function figuresOf(name: string, { status, hypotheses, variants }: Result): Figure[] {
  const held = hypotheses.filter(({ ok }) => ok).length;
  return [
    figure(`${name}: hypotheses`, held, status === 'invalid' ? 'held, invalid' : 'held', {
      atLeast: hypotheses.length,
    }),
    ...variants.flatMap((variant) =>
      variant.predictions.map(({ metric, predicted, measured, ok, tolerance }) =>
        figure(
          `${name}: ${metricName(metric)} of ${variant.name}`,
          measured ?? Number.NaN,
          metric.endsWith('Ms') || unitOfFigure(metric) === 'ms' ? 'ms' : '',
          { predicted, tolerance, ok },
        ),
      ),
    ),
  ];
}
