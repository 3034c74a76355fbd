import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { experiments } from '#grafana/experiments.ts';
import { metricName, unitOfFigure } from '#lab/experiment/hypothesis/metric-name.ts';
import type { Result } from '#lab/result/result.ts';
import { engines } from '#lab/testbed/engines.ts';
import type { Bench, Figure } from './figure.ts';
import { runExperiment } from './run-experiment.ts';

/** Experiments that predict by a law; the two before them have a model or nothing to break. */
const withLaws = experiments.slice(2).map(({ file }) => file);

/** Compares the laws of the course with measurements, and counts the hypotheses that held. */
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
    {
      name: `${name}: hypotheses`,
      value: held,
      unit: status === 'invalid' ? 'held, invalid' : 'held',
      target: { atLeast: hypotheses.length },
    },
    ...variants.flatMap((variant) =>
      variant.predictions.map(({ metric, predicted, measured, ok, tolerance }) => ({
        name: `${name}: ${metricName(metric)} of ${variant.name}`,
        value: measured ?? Number.NaN,
        unit: metric.endsWith('Ms') || unitOfFigure(metric) === 'ms' ? 'ms' : '',
        target: { predicted, tolerance, ok },
      })),
    ),
  ];
}
