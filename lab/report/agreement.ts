import { unitOfFigure } from '#lab/experiment/hypothesis/metric-name.ts';
import type { Prediction, Result, VariantResult } from '#lab/result/result.ts';

/** Note beside every comparison with a prediction. */
export const forecastNote =
  "The model's forecast beside the measurement. Differences don't affect the verdict.";

/**
 * Compares a variant with its prediction, for every output. It agrees if all its counts do, or its goodput at the deadline,
 * or every figure. The sign says whether every figure agrees, a part, or none.
 */
export function agreementOf({ experiment }: Result, { predictions }: VariantResult) {
  const isMet = (some: readonly Prediction[]) => some.every(({ ok }) => ok);
  const parts = Object.entries({
    counts: predictions.filter(({ metric }) => isCount(metric)),
    goodput: predictions.filter(({ metric }) => metric === `goodput${experiment.deadlineMs}Ms`),
  }).filter(([, own]) => own.length > 0);
  const named = (met: boolean) => parts.flatMap(([name, own]) => (isMet(own) === met ? name : []));
  const [met, missed] = [named(true), named(false)];
  if (isMet(predictions)) return { agrees: true, sign: '=', words: 'agrees' };
  if (met.length === 0) return { agrees: false, sign: '≠', words: 'differs' };
  const not = missed.length > 0 ? `, not in ${missed.join(' and ')}` : '';
  return { agrees: true, sign: '≈', words: `agrees in ${met.join(' and ')}${not}` };
}

const isCount = (figure: string): boolean =>
  ['requests', 'attempts', 'effects'].includes(unitOfFigure(figure) ?? '');
