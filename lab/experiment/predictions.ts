import { duration, inNumber, number, plural } from '#lab/report/format.ts';
import type { Prediction, VariantResult } from '#lab/result.ts';
import { type Limits, limitsOf } from './limits.ts';
import { goodputWithin, metrics, type Unit } from './metrics.ts';
import { type Figure, metricOfFigure } from './predicted.ts';
import { parseDuration } from './quantity.ts';
import type { Experiment } from './schema.ts';

/** Sets what the experiment predicts for a variant beside what was measured. */
export function comparePredictions(experiment: Experiment, variant: VariantResult): Prediction[] {
  const { goodput = {}, ...figures } = experiment.variants[variant.name]?.predicted ?? {};
  const expected = [
    ...Object.entries(figures).map(([figure, predicted]) => {
      const metric = metrics[metricOfFigure(figure as Figure)];
      return { metric: figure, unit: metric.unit, predicted, measured: metric.of(variant) };
    }),
    ...Object.entries(goodput).map(([deadline, predicted]) => {
      const deadlineMs = parseDuration(deadline)!;
      const measured = goodputWithin(variant, deadlineMs);
      return { metric: `goodput${deadlineMs}Ms`, unit: 'share' as const, predicted, measured };
    }),
  ];
  return expected.map(({ metric, unit, predicted, measured }) => {
    const { within, tolerance } = allowances[unit](experiment.tolerance, predicted, variant.offered);
    const ok = measured !== null && Math.abs(measured - predicted) <= within;
    const why = ok ? '' : reasons(variant, limitsOf(experiment), measured);
    return { metric, predicted, measured, ok, tolerance, why };
  });
}

type Allow = (
  tolerance: Experiment['tolerance'],
  predicted: number,
  offered: number,
) => { within: number; tolerance: string };

const ofPredicted = (ratio: number, predicted: number) => ({
  within: ratio * predicted,
  tolerance: `±${number(100 * ratio)} %`,
});

/** A share of what was predicted, or of all requests where that is more: few of many is few, however it is counted. */
const count: Allow = ({ countRatio, goodput }, predicted, offered) => {
  const relative = ofPredicted(countRatio, predicted);
  const within = goodput * offered;
  return within > relative.within ? { within, tolerance: `±${number(within)}` } : relative;
};

const allowances: Record<Unit, Allow> = {
  requests: count,
  attempts: count,
  effects: count,
  share: ({ goodput }) => ({
    within: goodput,
    tolerance: `±${number(100 * goodput)} ${inNumber(100 * goodput, 'point')}`,
  }),
  factor: ({ countRatio }, predicted) => ofPredicted(countRatio, predicted),
  ms: ({ latencyRatio }, predicted) => ofPredicted(latencyRatio, predicted),
};

/** What was measured beside it that may explain a difference. */
function reasons(variant: VariantResult, limits: Limits, measured: number | null): string {
  if (measured === null) return 'There is nothing to compare with: no such thing was measured.';
  const { outcomes, lost, offered, self, amplification } = variant;
  const sentences = self.processes
    .filter((process) => process.saturated)
    .map(
      ({ name, loopDelayP99Ms }) =>
        `${name} was saturated: its event loop was ${duration(loopDelayP99Ms)} late (p99).`,
    );
  for (const { name, restarted } of self.processes)
    if (restarted) sentences.push(`${name} was restarted: what it counted in its last moments is missing.`);
  if (self.lag.p99Ms > limits.lagP99Ms)
    sentences.push(`Requests were sent up to ${duration(self.lag.p99Ms)} late (p99).`);
  if (self.sleepExcess && self.sleepExcess.p99Ms > limits.sleepExcessP99Ms)
    sentences.push(`Downstream slept ${duration(self.sleepExcess.p99Ms)} longer than its model says (p99).`);
  for (const name of ['unsent', 'dropped', 'pending', 'unknown'] as const)
    if (outcomes[name] > 0)
      sentences.push(
        `${number(outcomes[name])} of ${plural(offered, 'request')} ${inNumber(outcomes[name], 'was', 'were')} ${name}.`,
      );
  if (lost > 0) sentences.push(`${plural(lost, 'accepted event')} ${inNumber(lost, 'was', 'were')} lost.`);
  if (sentences.length > 0) return sentences.join(' ');
  const slept = self.sleepExcess
    ? `, downstream slept up to ${duration(self.sleepExcess.p99Ms)} longer than its model says (p99)`
    : '';
  return `No process was saturated; requests were sent up to ${duration(self.lag.p99Ms)} late (p99)${slept}, and each took ${plural(amplification, 'attempt')}.`;
}
