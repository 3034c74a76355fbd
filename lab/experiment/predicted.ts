import { Type } from 'typebox';
import { strict } from '#kit/schema.ts';
import { metrics, type Percentile, type RunMetricName, runMetricNames } from './metrics.ts';

/** A metric under the name it has in an experiment, where numbers carry their unit. */
export type Figure = Exclude<RunMetricName, Latency | 'goodput'> | `${Latency}Ms`;

type Latency = Percentile | 'mean';

export type Predicted = { [K in Figure]?: number } & {
  /** By deadline: `{ 250ms: 0.1, 1s: 0.43 }`. */
  goodput?: Record<string, number>;
};

const figures = runMetricNames.filter((name) => name !== 'goodput').map(figureOf);
const figure = Type.Optional(Type.Number({ minimum: 0, maximum: 1e12 }));

export const Predicted = Type.Unsafe<Predicted>(
  strict(
    {
      ...Object.fromEntries(figures.map((name) => [name, figure])),
      goodput: Type.Optional(
        Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 1 }), {
          description: 'Done within a deadline ÷ offered, by deadline: { 250ms: 0.1, 1s: 0.43 }.',
        }),
      ),
    },
    { description: 'Values expected beforehand, shown beside what was measured.' },
  ),
);

/** The metric that a figure is about. */
export function metricOfFigure(figure: Figure): RunMetricName {
  return runMetricNames.find((name) => figureOf(name) === figure)!;
}

function figureOf(name: RunMetricName): Figure {
  return (metrics[name].unit === 'ms' ? `${name}Ms` : name) as Figure;
}
