import { parseHypothesis } from './grammar.ts';
import { predictedTerms } from './predicted.ts';
import type { Experiment } from './schema.ts';
import type { Measure } from './terms.ts';

/** Whatever hypotheses and predictions name of variants, windows and deadlines. */
export function measuresIn({ hypothesis, variants }: Pick<Experiment, 'hypothesis' | 'variants'>): Measure[] {
  const predicted = Object.entries(variants).flatMap(([name, variant]) =>
    predictedTerms(variant.predicted ?? {}).map((term) => term.of(name)),
  );
  return [...hypothesis, ...predicted]
    .map((text) => parseHypothesis(text))
    .flatMap(({ left, right }) => [left, right])
    .filter((term) => 'metric' in term);
}
