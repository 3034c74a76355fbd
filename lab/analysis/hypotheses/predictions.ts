import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { formatOf } from '#lab/experiment/hypothesis/metric-name.ts';
import { goodputWithin, metrics, type Unit } from '#lab/experiment/hypothesis/metrics.ts';
import { numberOf, parseDuration, type Quantity } from '#lab/experiment/hypothesis/quantity.ts';
import type { Measure } from '#lab/experiment/hypothesis/terms.ts';
import { metricOfFigure, predictedFigures, predictedTerms } from '#lab/experiment/predicted.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Prediction, VariantResult } from '#lab/result/result.ts';
import { inNumber, number } from '#lab/text/format.ts';
import { evaluate } from './hypothesis.ts';
import { reasons } from './reasons.ts';

/** Sets what the experiment predicts for a variant beside what was measured. */
export function comparePredictions(experiment: Experiment, variant: VariantResult): Prediction[] {
  const all = experiment.variants[variant.name]?.predicted ?? {};
  const { goodput = {}, within: own = {} } = all;
  const expected = [
    ...predictedFigures(all).map(([figure, predicted]) => {
      const metric = metrics[metricOfFigure(figure)];
      return { metric: figure, unit: metric.unit, predicted, measured: metric.of(variant), missing };
    }),
    ...predictedTerms(all).map((term) => {
      const { left, right } = parseHypothesis(term.of(variant.name)) as { left: Measure; right: Quantity };
      const { value, isAtLeast, reason } = evaluate(left, [variant]);
      const { unit } = metrics[left.metric];
      const of = { metric: term.written, unit, predicted: numberOf(right) };
      return isAtLeast
        ? { ...of, measured: null, missing: `Only the least is known: ${formatOf(unit)(value)}. ` }
        : { ...of, measured: value, missing: `${nothing}: ${reason}. ` };
    }),
    ...Object.entries(goodput).map(([deadline, predicted]) => {
      const deadlineMs = parseDuration(deadline)!;
      const measured = goodputWithin(variant, deadlineMs);
      return { metric: `goodput${deadlineMs}Ms`, unit: 'share' as const, predicted, measured, missing };
    }),
  ];
  return expected.map(({ metric, unit, predicted, measured, missing }) => {
    const [low, high] = Array.isArray(predicted) ? predicted : [predicted, predicted];
    const ratio = own[metric];
    const [below, above] = [low, high].map((end) =>
      ratio === undefined ? allowances[unit](experiment.tolerance, end) : ofPredicted(ratio, end),
    ) as [Allowance, Allowance];
    const ok = measured !== null && low - measured <= below.within && measured - high <= above.within;
    const why = (measured === null ? missing : '') + reasons(variant);
    return {
      metric,
      predicted: low,
      ...(Array.isArray(predicted) && { predictedMax: high }),
      measured,
      ok,
      tolerance: [...new Set([below.tolerance, above.tolerance])].join(' and '),
      why: ok ? '' : why,
    };
  });
}

const nothing = 'Nothing to compare with was measured';
const missing = `${nothing}. `;

interface Allowance {
  readonly within: number;
  readonly tolerance: string;
}

type Allow = (tolerance: Experiment['tolerance'], predicted: number) => Allowance;

const ofPredicted = (ratio: number, predicted: number) => ({
  within: ratio * predicted,
  tolerance: `±${number(100 * ratio)} %`,
});

/** A share of the count or, where that is more, two standard errors of a count of independent events (Poisson): chance alone makes as much. */
const ofCount: Allow = ({ countRatio }, predicted) => {
  const relative = ofPredicted(countRatio, predicted);
  const chance = 2 * Math.sqrt(predicted);
  return chance >= relative.within ? { within: chance, tolerance: `±${number(chance)}` } : relative;
};

const allowances: Record<Unit, Allow> = {
  requests: ofCount,
  attempts: ofCount,
  effects: ofCount,
  share: ({ goodput }) => ({
    within: goodput,
    tolerance: `±${number(100 * goodput)} ${inNumber(100 * goodput, 'point')}`,
  }),
  factor: ({ countRatio }, predicted) => ofPredicted(countRatio, predicted),
  ms: ({ latencyRatio }, predicted) => ofPredicted(latencyRatio, predicted),
  verdict: () => ({ within: 0, tolerance: '±0' }),
};
