import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { formatOf } from '#lab/experiment/hypothesis/metric-name.ts';
import { goodputWithin, type MetricName, metrics, type Unit } from '#lab/experiment/hypothesis/metrics.ts';
import { type Measure, numberOf, parseDuration, type Quantity } from '#lab/experiment/hypothesis/terms.ts';
import {
  metricOfFigure,
  type Predicted,
  predictedFigures,
  predictedTerms,
  type Range,
} from '#lab/experiment/predicted.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { faultsMet } from '#lab/result/facts.ts';
import type { Prediction, Span, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, number, plural, share } from '#lab/text/format.ts';
import { evaluate } from './hypothesis.ts';

export function comparePredictions(experiment: Experiment, variant: VariantResult): Prediction[] {
  const all = experiment.variants[variant.name]?.predicted ?? {};
  return expectedIn(all, variant).map(({ written, metric, predicted, measured, missing = nothing }) => {
    const { unit } = metrics[metric];
    const [low, high] = Array.isArray(predicted) ? predicted : [predicted, predicted];
    const ratio = all.within?.[written];
    const [below, above] = [low, high].map((end) =>
      ratio === undefined ? allowances[unit](experiment.tolerance, end) : ofPredicted(ratio, end),
    ) as [Allowance, Allowance];
    const ok = measured !== null && low - measured <= below.within && measured - high <= above.within;
    const why =
      measured === null
        ? `${missing}. ${reasons(variant)}`
        : reasons(variant, { metric, isMore: measured > high }) || 'No measurement explains it.';
    return {
      metric: written,
      predicted: low,
      ...(Array.isArray(predicted) && { predictedMax: high }),
      measured,
      ok,
      tolerance: [...new Set([below.tolerance, above.tolerance])].join(' and '),
      why: ok ? '' : why,
    };
  });
}

interface Expected {
  /** Name of the figure or term, as it stands in the experiment's file. */
  readonly written: string;
  readonly metric: MetricName;
  readonly predicted: number | Range;
  readonly measured: number | null;
  /** Reason why nothing was measured, if it is known. */
  readonly missing?: string;
}

const nothing = 'No measured value to compare with';

const expectedIn = (all: Predicted, variant: VariantResult): Expected[] => [
  ...predictedFigures(all).map(([written, predicted]) => {
    const metric = metricOfFigure(written);
    return { written, metric, predicted, measured: metrics[metric].of(variant) };
  }),
  ...predictedTerms(all).map(({ written, of }) => {
    const { left, right } = parseHypothesis(of(variant.name)) as { left: Measure; right: Quantity };
    const { metric } = left;
    const { value, isAtLeast, reason } = evaluate(left, [variant]);
    const expected = { written, metric, predicted: numberOf(right) };
    return isAtLeast
      ? {
          ...expected,
          measured: null,
          missing: `Only the least is known: ${formatOf(metrics[metric].unit)(value)}`,
        }
      : { ...expected, measured: value, missing: `${nothing}: ${reason}` };
  }),
  ...Object.entries(all.goodput ?? {}).map(([deadline, predicted]) => {
    const deadlineMs = parseDuration(deadline)!;
    const measured = goodputWithin(variant, deadlineMs);
    return { written: `goodput${deadlineMs}Ms`, metric: 'goodput' as const, predicted, measured };
  }),
];

interface Allowance {
  readonly within: number;
  readonly tolerance: string;
}

type Allow = (tolerance: Experiment['tolerance'], predicted: number) => Allowance;

const ofPredicted = (ratio: number, predicted: number) => ({
  within: ratio * predicted,
  tolerance: `±${number(100 * ratio)} %`,
});

/**
 * Allows a difference up to `countRatio` times the predicted count, or up to two standard errors of a Poisson count if
 * that is more.
 */
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

/** Direction in which a figure differs from its forecast. */
interface Difference {
  readonly metric: MetricName;
  readonly isMore: boolean;
}

/**
 * Explains by measurements why a variant may differ from its forecast, the most important reason first. With
 * `difference`, leaves out reasons that can't explain it.
 */
export const reasons = (variant: VariantResult, difference?: Difference): string =>
  [...causes(variant, difference), ...delays(variant, difference)].join(' ');

/** Figures that a delay can only lower. */
const lowered: ReadonlySet<MetricName> = new Set(['ok', 'completed', 'goodput']);

/** Figures that a delay can only raise. Durations in ms are not listed, since a delay raises all of them. */
const raised: ReadonlySet<MetricName> = new Set([
  'rejected',
  'dropped',
  'unsent',
  'pending',
  'lostGoodput',
  'collapsed',
  'metastable',
]);

/** Yields what happened to the requests. Leaves out causes with the opposite effect on the figure that differs. */
function* causes(variant: VariantResult, difference: Difference | undefined): Generator<string> {
  const { outcomes, offered, lost, self } = variant;
  for (const { target, state, asked, ...took } of faultsMet(variant)) {
    // The forecast includes the faults, at the times that the experiment asks for.
    if (!difference) yield `${target} was ${state} from ${spanOf(took)}.`;
    else if (isOff(took, asked))
      yield `${target} was ${state} from ${spanOf(took)} instead of from ${spanOf(asked)}.`;
  }
  yield* breaker(variant, difference);
  // A request with one of these outcomes did not complete. It raises only its outcome's count.
  const may = (name: MetricName) =>
    !difference || (difference.isMore ? !lowered.has(difference.metric) : difference.metric !== name);
  for (const name of ['unsent', 'dropped', 'pending', 'unknown'] as const)
    if (outcomes[name] > 0 && may(name))
      yield `${number(outcomes[name])} of ${plural(offered, 'request')} ${inNumber(outcomes[name], 'was', 'were')} ${name}.`;
  if (lost > 0 && may('lost'))
    yield `${plural(lost, 'accepted event')} ${inNumber(lost, 'was', 'were')} lost.`;
  // Missing counts can't explain a figure that is too high.
  for (const { name } of difference?.isMore ? [] : self.processes.filter(({ restarted }) => restarted))
    yield `${name} was restarted: what it counted in its last moments is missing.`;
}

const spanOf = ({ fromMs, untilMs }: Span): string => `${duration(fromMs)} to ${duration(untilMs)}`;

/** True if a fault began or ended off its time by at least a tenth of its duration. */
const isOff = (took: Span, asked: Span): boolean =>
  Math.max(Math.abs(took.fromMs - asked.fromMs), Math.abs(took.untilMs - asked.untilMs)) >=
  (asked.untilMs - asked.fromMs) / 10;

function* breaker({ series, offered, outcomes }: VariantResult, difference: Difference | undefined) {
  if (series.breaker.every((state) => state === null)) return;
  const index = series.breaker.indexOf(open);
  const isRefusedMore = difference?.metric === 'rejected' && difference.isMore;
  if (index < 0) {
    if (!isRefusedMore) yield 'The breaker was never seen open.';
    return;
  }
  const stepMs = (series.tMs[1] ?? 0) - (series.tMs[0] ?? 0);
  const perSecond = series.offered.slice(0, index + 1).reduce<number>((sum, rate) => sum + (rate ?? 0), 0);
  const due = Math.round((perSecond * stepMs) / 1000);
  yield `The breaker was first seen open within ${duration((index + 1) * stepMs)}, when ${number(due)} of ${plural(offered, 'request')} were scheduled; ${share(outcomes.rejected / offered)} ${inNumber(outcomes.rejected, 'was', 'were')} refused.`;
}

const open = 2;

/**
 * Yields delays that the model doesn't have and that may explain the difference. Always yields saturation: a saturated
 * process holds requests back, and so may even relieve the processes behind it.
 */
function* delays(variant: VariantResult, difference: Difference | undefined): Generator<string> {
  const { self, attempts, attemptTimeouts } = variant;
  const mayDelay = mayBeDelay(difference);
  const generators = self.processes.filter(({ name }) => name === 'generator');
  const services = self.processes.filter(({ name }) => name !== 'generator');
  // An attempt that takes longer than in the model keeps its slot of a bulkhead or a consumer longer. By how much is
  // unknown if timeouts cut attempts off.
  const { meanMs, modelledMs } = (attemptTimeouts === 0 && self.attempt) || { meanMs: 0, modelledMs: 0 };
  if (mayDelay && isNoticeable(meanMs - modelledMs))
    yield `An attempt took ${duration(meanMs)} on average, and ${duration(modelledMs)} in the model: each slot therefore completed ${share(1 - modelledMs / meanMs)} less.`;
  // A late event loop delays every request, even if the process still keeps up.
  if (services.some(isLate) && (mayDelay || isSaturated(services)))
    yield `Event loops ran late (p99): ${latest(services)}${isSaturated(services) ? '' : '; none was saturated'}.`;
  if ((mayDelay && isNoticeable(self.lag.p99Ms)) || isSaturated(generators))
    yield `Requests were sent up to ${duration(self.lag.p99Ms)} late (p99)${isSaturated(generators) ? ': the generator was saturated' : ''}.`;
  if (mayDelay && isNoticeable(self.sleepExcess?.p99Ms))
    yield `Downstream slept up to ${duration(self.sleepExcess!.p99Ms)} longer than its model says (p99).`;
  if (attemptTimeouts === 0) return;
  yield `${number(attemptTimeouts)} of ${plural(attempts, 'attempt')} ${inNumber(attemptTimeouts, 'was', 'were')} cut off by a timeout or a deadline.`;
  // The draws of the seed decide how many attempts a fault affects.
  for (const { name, affected } of variant.faults)
    if (affected) yield `The fault ${name} affected ${plural(affected, 'attempt')}.`;
}

/** True if a delay is long enough to explain a difference. In a simulation delays are 0, or a rounding error. */
const isNoticeable = (ms: number | null = 0): boolean => (ms ?? 0) >= 0.01;

function mayBeDelay(difference: Difference | undefined): boolean {
  if (!difference) return true;
  const { metric, isMore } = difference;
  return isMore ? !lowered.has(metric) : !raised.has(metric) && metrics[metric].unit !== 'ms';
}

type Processes = VariantResult['self']['processes'];

const isLate = ({ loopDelayP99Ms }: Processes[number]): boolean => isNoticeable(loopDelayP99Ms);

const isSaturated = (processes: Processes): boolean => processes.some(({ saturated }) => saturated);

/** Lists the delays of event loops, the longest first. */
const latest = (services: Processes): string =>
  services
    .toSorted((a, b) => (b.loopDelayP99Ms ?? 0) - (a.loopDelayP99Ms ?? 0))
    .map((each) => `${each.name} ${duration(each.loopDelayP99Ms)}${each.saturated ? ' (saturated)' : ''}`)
    .join(', ');
