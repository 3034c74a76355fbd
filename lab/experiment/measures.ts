import { HypothesisError, parseHypothesis } from './hypothesis/grammar.ts';
import { metricOf } from './hypothesis/metrics.ts';
import type { Hypothesis, Measure } from './hypothesis/terms.ts';
import { predictedTerms } from './predicted.ts';
import type { ValidParts } from './valid-parts.ts';

/** Whatever hypotheses and predictions name of variants, windows and deadlines, as far as they can be read. */
export function measuresIn({
  hypothesis = [],
  variants = {},
}: Pick<ValidParts, 'hypothesis' | 'variants'>): Measure[] {
  const predicted = Object.entries(variants).flatMap(([name, variant]) =>
    predictedTerms(variant?.predicted ?? {}).map((term) => term.of(name)),
  );
  return [...hypothesis, ...predicted]
    .flatMap((text) => (text === undefined ? [] : readable(text)))
    .flatMap(({ left, right }) => [left, right])
    .filter((term) => 'metric' in term);
}

/** The phases of which hypotheses and predictions say how a variant gets over them. */
export const phasesGotOver = (experiment: Pick<ValidParts, 'hypothesis' | 'variants'>): string[] =>
  measuresIn(experiment).flatMap(({ metric, window }) =>
    metricOf(metric)?.only === 'after' && window?.part === 'after phase' ? window.phase : [],
  );

function readable(text: string): Hypothesis[] {
  try {
    return [parseHypothesis(text)];
  } catch (error) {
    if (!(error instanceof HypothesisError)) throw error;
    return [];
  }
}
