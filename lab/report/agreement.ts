import { unitOfFigure } from '#lab/experiment/hypothesis/metric-name.ts';
import type { Prediction, Result, VariantResult } from '#lab/result/result.ts';

/** Agreement of a variant with its prediction. */
export interface Agreement {
  /** True if all its counts agree, or its goodput at the deadline, or every figure if neither was predicted. */
  readonly agrees: boolean;
  /** `agrees`, `agrees in counts, not in goodput`, `differs`. */
  readonly words: string;
  /** Sign of agreement in every figure, in part, or not at all. */
  readonly sign: '=' | '≈' | '≠';
}

/** Note beside every comparison with a prediction. */
export const forecastNote =
  "The model's forecast beside the measurement. Differences don't affect the verdict.";

/** Compares a variant with its prediction, for every output. */
export function agreementOf({ experiment }: Result, { predictions }: VariantResult): Agreement {
  const own = `goodput${experiment.deadlineMs}Ms`;
  const counts = metIn(predictions.filter(({ metric }) => isCount(metric)));
  const goodput = metIn(predictions.filter(({ metric }) => metric === own));
  const isWhole = predictions.every(({ ok }) => ok);
  const named = (isMet: boolean) =>
    Object.entries({ counts, goodput }).flatMap(([name, met]) => (met === isMet ? [name] : []));
  const [met, missed] = [named(true), named(false)];
  const agrees = isWhole || met.length > 0;
  const not = missed.length > 0 ? `, not in ${missed.join(' and ')}` : '';
  const words = isWhole ? 'agrees' : agrees ? `agrees in ${met.join(' and ')}${not}` : 'differs';
  const sign = isWhole ? '=' : agrees ? '≈' : '≠';
  return { agrees, words, sign };
}

/** True if all are within tolerance; undefined without any. */
const metIn = (predictions: readonly Prediction[]): boolean | undefined =>
  predictions.length > 0 ? predictions.every(({ ok }) => ok) : undefined;

const isCount = (figure: string): boolean =>
  (['requests', 'attempts', 'effects'] as (string | undefined)[]).includes(unitOfFigure(figure));
