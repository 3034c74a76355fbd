import { mapOf, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { metrics, type Percentile, type RunMetricName, runMetricNames } from './hypothesis/metrics.ts';

/** Name of a predicted metric. The name of a duration ends in `Ms`. */
export type Figure = Exclude<RunMetricName, Latency | 'goodput'> | `${Latency}Ms`;

type Latency = Percentile | 'mean';

/** Lowest and highest expected value of a figure that depends on chance. */
export type Range = [low: number, high: number];

export type Predicted = { [K in Figure]?: number | Range } & {
  /** By deadline: `{ 250ms: 0.1, 1s: [0.4, 0.5] }`. */
  goodput?: Record<string, number | Range>;
  /** Tolerances that differ from the usual ones, by the name of the figure: `{ duplicates: 0.1 }`. */
  within?: Record<string, number>;
} & {
  /**
   * Predicted value of a term. The term is written as in a hypothesis, but without the variant: `timeToDrain(after
   * outage): 8s`.
   */
  [term: `${string}(${string})`]: number | string;
};

const figures = runMetricNames.filter((name) => name !== 'goodput').map(figureOf);

/** Returns the schema of a number up to `maximum`, or of a range of such numbers. */
function numberOrRange(maximum: number) {
  const bounds = { minimum: 0, maximum };
  const items = { type: 'number', ...bounds };
  return Type.Unsafe<number | Range>({
    type: ['number', 'array'],
    ...bounds,
    items,
    minItems: 2,
    maxItems: 2,
    errorMessage: `expected a number or a range [low, high], ${maximum === 1 ? 'from 0 to 1' : 'from 0 on'}`,
  });
}

export const Predicted = Type.Unsafe<Predicted>(
  strict(
    {
      ...Object.fromEntries(figures.map((name) => [name, Type.Optional(numberOrRange(1e12))])),
      goodput: Type.Optional(
        mapOf(numberOrRange(1), {
          description: 'Completed within a deadline ÷ offered, by deadline: { 250ms: 0.1, 1s: [0.4, 0.5] }.',
        }),
      ),
      within: Type.Optional(
        mapOf(Type.Number({ minimum: 0, maximum: 1 }), {
          description:
            'Relative tolerance of figures other than goodput, instead of `tolerance`: { duplicates: 0.1 }.',
        }),
      ),
    },
    {
      description:
        'Forecast values, shown beside the measurement. Differences do not affect the verdict. A figure that depends on chance is a range: `rejected: [950, 1650]`. A key can also be a hypothesis term without the variant: `timeToDrain(after outage): 8s`.',
      patternProperties: { '^\\w+\\(.+\\)$': { type: ['number', 'string'], minimum: 0, maxLength: 40 } },
    },
  ),
);

/** Prediction for a window, or for another deadline. */
export interface PredictedTerm {
  /** Term as written in the file: `timeToDrain(after outage)`. */
  readonly written: string;
  /** Predicted value as written in the file: `8s`. */
  readonly value: string;
  /** Returns the prediction as a hypothesis: `timeToDrain(tight, after outage) == 8s`. */
  of(variant: string): string;
}

/** Returns the predictions for figures of the whole run. */
export const predictedFigures = (predicted: Predicted) =>
  Object.entries(predicted).filter((entry): entry is [Figure, number | Range] =>
    figures.includes(entry[0] as Figure),
  );

/** Returns the predictions that are written as terms of a hypothesis. */
export const predictedTerms = (predicted: Predicted = {}): PredictedTerm[] =>
  Object.entries(predicted)
    .filter(([written]) => written.includes('('))
    .map(([written, value]) => ({
      written,
      value: String(value),
      of: (variant) => `${written.replace('(', () => `(${variant}, `)} == ${value}`,
    }));

export const metricOfFigure = (figure: Figure) => figure.replace(/Ms$/, '') as RunMetricName;

function figureOf(name: RunMetricName): Figure {
  return (metrics[name].unit === 'ms' ? `${name}Ms` : name) as Figure;
}
