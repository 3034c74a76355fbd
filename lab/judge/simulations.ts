import { readSimulations, type SimulationEvidence } from '#lab/evidence/simulations.ts';
import { type MetricName, metrics, units } from '#lab/experiment/hypothesis/metrics.ts';
import { disturbedIn } from '#lab/result/facts.ts';
import type { Result, Round } from '#lab/result/result.ts';
import type { PredictedFigure, Simulated, Simulations } from '#lab/result/simulations.ts';
import { t95 } from './statistics/bootstrap.ts';
import { roundOf, valuesOf } from './statistics/estimates.ts';

/** Metrics that are simulated beside a run, with the difference from the simulated mean that still agrees. */
const tolerances = {
  goodput: () => 0.05,
  amplification: (mean: number) => 0.1 * mean,
  p50: (mean: number) => 0.15 * mean,
  p99: (mean: number) => 0.15 * mean,
} satisfies Partial<Record<MetricName, (mean: number) => number>>;
type Simulable = keyof typeof tolerances;

export const simulatedMetrics = Object.keys(tolerances) as readonly Simulable[];

/** Fewest completed requests for which percentiles are compared. */
const completedMin = 1000;

/** Adds the simulations in a run's folder to the result of the run. Throws EvidenceError. */
export function withSimulations(result: Result, folder: string): Result {
  const evidence = readSimulations(folder);
  return evidence ? { ...result, simulations: compareSimulations(evidence, result) } : result;
}

/**
 * Compares the simulations of an experiment with its result, of one run or of rounds. Leaves out goodput if the result is
 * judged by another deadline than the simulated one. Figures of an invalid variant are not judged.
 */
export function compareSimulations(
  { seeds, deadlineMs, reason, acquitted, variants }: SimulationEvidence,
  result: Result,
): Simulations {
  const rounds = result.rounds ?? [roundOf(result)];
  const compared = simulatedMetrics.filter(
    (metric) => metric !== 'goodput' || deadlineMs === result.experiment.deadlineMs,
  );
  const disturbed = disturbedIn(result);
  const measuredNames = new Set(rounds.flatMap((round) => round.variants.map(({ name }) => name)));
  return {
    seeds,
    ...(reason !== undefined && { reason }),
    ...(acquitted && { acquitted }),
    variants: variants
      .filter(({ name }) => measuredNames.has(name))
      .map(({ name, reason, overhead, ...columns }) => ({
        name,
        overhead,
        ...(reason !== undefined && { reason }),
        figures:
          columns.ideal.length === 0
            ? []
            : compared.map((metric) => figureOf(name, metric, columns, rounds, disturbed)),
      })),
  };
}

type Columns = Pick<SimulationEvidence['variants'][number], 'ideal' | 'withOverhead'>;

function figureOf(
  name: string,
  metric: Simulable,
  columns: Columns,
  rounds: readonly Round[],
  disturbed: readonly string[],
): PredictedFigure {
  const measured = meanOf(known(valuesOf(rounds, name, metric).values()));
  const [ideal, withOverhead] = [columns.ideal, columns.withOverhead].map((column) =>
    simulated(
      known(column.map((values) => values?.[metric])),
      rounds.length,
      units[metrics[metric].unit].max,
    ),
  ) as [Simulated | null, Simulated | null];
  const completed = meanOf(known(valuesOf(rounds, name, 'completed').values())) ?? 0;
  const isRough = metrics[metric].unit === 'ms' && completed < completedMin;
  const isOpen = isRough || disturbed.includes(name);
  return {
    metric,
    ideal,
    withOverhead,
    measured,
    verdict: isOpen ? 'unjudged' : verdictOf(metric, measured, ideal, withOverhead),
  };
}

const known = (values: Iterable<number | null | undefined>): number[] =>
  [...values].filter((value) => value !== null && value !== undefined);

const meanOf = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;

/**
 * Returns the mean of simulations, and the interval that has the mean of `of` further runs with a probability of 95 %,
 * if runs are normally distributed: mean ± t·s·√(1/n + 1/of).
 */
function simulated(values: readonly number[], of: number, max: number): Simulated | null {
  const mean = meanOf(values);
  if (mean === null) return null;
  const { length } = values;
  if (length < 2) return { mean, low: mean, high: mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1);
  const half = t95(length - 1) * Math.sqrt(variance * (1 / length + 1 / of));
  return { mean, low: Math.max(0, mean - half), high: Math.min(max, mean + half) };
}

function verdictOf(
  metric: Simulable,
  measured: number | null,
  ideal: Simulated | null,
  withOverhead: Simulated | null,
): PredictedFigure['verdict'] {
  const best = withOverhead ?? ideal;
  if (measured === null || best === null) return 'unjudged';
  const agrees = (column: Simulated | null) =>
    column !== null &&
    ((measured >= column.low && measured <= column.high) ||
      Math.abs(measured - column.mean) <= tolerances[metric](column.mean));
  if (!agrees(best)) return 'differs';
  return agrees(ideal) ? 'agrees' : 'explained';
}
