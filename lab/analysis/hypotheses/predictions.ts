import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { formatOf } from '#lab/experiment/hypothesis/metric-name.ts';
import { goodputWithin, metrics, type Unit } from '#lab/experiment/hypothesis/metrics.ts';
import { type Measure, numberOf, parseDuration, type Quantity } from '#lab/experiment/hypothesis/terms.ts';
import { metricOfFigure, predictedFigures, predictedTerms } from '#lab/experiment/predicted.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { faultsMet } from '#lab/result/facts.ts';
import type { Prediction, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, number, plural, share } from '#lab/text/format.ts';
import { evaluate } from './hypothesis.ts';

/** Compares the predictions for a variant with the measurements. */
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

const nothing = 'No measured value to compare with';
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

/** Allows a share of the count, or two standard errors of a count of independent events (Poisson) if that is more. */
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

/** Explains by measurements why a variant may differ from its forecast. */
export const reasons = (variant: VariantResult): string =>
  sources.flatMap((source) => source(variant)).join(' ');

type Source = (variant: VariantResult) => string[];

const faults: Source = (variant) =>
  faultsMet(variant).map(
    ({ target, done, fromMs, untilMs }) =>
      `${target} was ${done} from ${duration(fromMs)} to ${duration(untilMs)}.`,
  );

/** Explains a difference by the time at which the breaker opened. */
const breaker: Source = ({ series, offered, outcomes }) => {
  if (series.breaker.every((state) => state === null)) return [];
  const index = series.breaker.indexOf(open);
  if (index < 0) return ['The breaker was never seen open.'];
  const stepMs = (series.tMs[1] ?? 0) - (series.tMs[0] ?? 0);
  const perSecond = series.offered.slice(0, index + 1).reduce<number>((sum, rate) => sum + (rate ?? 0), 0);
  const due = Math.round((perSecond * stepMs) / 1000);
  return [
    `The breaker was first seen open within ${duration((index + 1) * stepMs)}, when ${number(due)} of ${plural(offered, 'request')} were scheduled; ${share(outcomes.rejected / offered)} ${inNumber(outcomes.rejected, 'was', 'were')} refused.`,
  ];
};

const open = 2;

/** A late event loop delays every request that passes it, also one that still keeps up. */
const eventLoops: Source = ({ self }) => {
  const services = self.processes
    .filter(({ name }) => name !== 'generator')
    .toSorted((a, b) => (b.loopDelayP99Ms ?? 0) - (a.loopDelayP99Ms ?? 0));
  if (services.length === 0) return [];
  const each = services.map(
    ({ name, loopDelayP99Ms, saturated }) =>
      `${name} ${duration(loopDelayP99Ms)}${saturated ? ' (saturated)' : ''}`,
  );
  const none = services.some(({ saturated }) => saturated) ? '' : '; none was saturated';
  return [`Event loops ran late (p99): ${each.join(', ')}${none}.`];
};

const load: Source = ({ self }) => {
  const isSaturated = self.processes.some(({ name, saturated }) => name === 'generator' && saturated);
  return [
    `Requests were sent up to ${duration(self.lag.p99Ms)} late (p99)${isSaturated ? ': the generator was saturated' : ''}.`,
  ];
};

const sleep: Source = ({ self }) =>
  self.sleepExcess
    ? [`Downstream slept up to ${duration(self.sleepExcess.p99Ms)} longer than its model says (p99).`]
    : [];

/** Overhead of attempts, which keeps slots of a bulkhead or a consumer in use. Unknown where timeouts cut attempts off. */
const slots: Source = ({ self: { attempt }, attemptTimeouts }) => {
  if (!attempt || attemptTimeouts > 0 || attempt.meanMs <= attempt.modelledMs) return [];
  const { meanMs, modelledMs } = attempt;
  return [
    `An attempt took ${duration(meanMs)} on average, and ${duration(modelledMs)} in the model: each slot therefore completed ${share(1 - modelledMs / meanMs)} less.`,
  ];
};

const timeouts: Source = ({ attempts, attemptTimeouts }) =>
  attemptTimeouts > 0
    ? [
        `${plural(attemptTimeouts, 'call')} ${inNumber(attemptTimeouts, 'was', 'were')} cut off by a timeout or a deadline, at ${plural(attempts, 'attempt')} in all.`,
      ]
    : [];

const endings: Source = ({ outcomes, offered, lost }) => [
  ...(['unsent', 'dropped', 'pending', 'unknown'] as const)
    .filter((name) => outcomes[name] > 0)
    .map(
      (name) =>
        `${number(outcomes[name])} of ${plural(offered, 'request')} ${inNumber(outcomes[name], 'was', 'were')} ${name}.`,
    ),
  ...(lost > 0 ? [`${plural(lost, 'accepted event')} ${inNumber(lost, 'was', 'were')} lost.`] : []),
];

const restarts: Source = ({ self }) =>
  self.processes
    .filter(({ restarted }) => restarted)
    .map(({ name }) => `${name} was restarted: what it counted in its last moments is missing.`);

/** The most telling first. */
const sources: readonly Source[] = [
  faults,
  breaker,
  endings,
  restarts,
  slots,
  eventLoops,
  load,
  sleep,
  timeouts,
];
