import type { RunEvidence } from '#lab/evidence/read-run.ts';
import type { SimulationEvidence } from '#lab/evidence/simulations.ts';
import { type MetricName, metric, metricNames, units } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt, valueIn } from '#lab/experiment/metrics/table.ts';
import { disturbedIn } from './result/facts.ts';
import type { Result } from './result/result.ts';
import { meanOf, t95 } from './statistics/bootstrap.ts';
import { seedsIn } from './statistics/rounds.ts';

/** Metrics that are simulated beside a run. */
export const simulatedMetrics = metricNames.filter((name) => metric(name).tolerance);

/** Fewest completed requests for which percentiles are compared. */
const completedMin = 1000;

/** Adds the simulations of a run to its result. Throws EvidenceError. */
export function withSimulations(result: Result, run: Pick<RunEvidence, 'simulations'>): Result {
  const evidence = run.simulations();
  return evidence ? besideSimulations(result, evidence) : result;
}

/** Adds the simulations of an experiment to its result, of one run or of rounds. */
export function besideSimulations(result: Result, evidence: SimulationEvidence): Result {
  const { seeds, reason, acquitted, variants } = evidence;
  const own = variants.filter(({ name }) => result.variants.some((variant) => variant.name === name));
  return {
    ...result,
    simulations: {
      seeds,
      ...(reason !== undefined && { reason }),
      ...(acquitted && { acquitted }),
      variants: own.map(({ name, overhead }) => ({ name, overhead })),
    },
    figures: [
      ...result.figures,
      ...own.flatMap(({ name: variant, ideal, withOverhead }) =>
        Object.entries({ ideal, simulated: withOverhead }).flatMap(([source, values]) =>
          simulatedMetrics.flatMap((metric) => {
            const known = values.flatMap((of) => of?.[metric] ?? []);
            const place = { variant, metric, source: source as 'ideal' | 'simulated' };
            return known.length > 0 ? { ...place, ...expected(known, metric, seedsIn(result).length) } : [];
          }),
        ),
      ),
    ],
  };
}

/** Returns the mean, and the 95 % interval of that of `of` more normal runs: mean ± t·s·√(1/n + 1/of). */
function expected(values: readonly number[], name: MetricName, of: number) {
  const value = meanOf(values);
  const n = values.length;
  if (n < 2) return { value, low: value, high: value, n };
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / (n - 1);
  const half = t95(n - 1) * Math.sqrt(variance * (1 / n + 1 / of));
  const { max } = units[metric(name).unit];
  return { value, low: Math.max(0, value - half), high: Math.min(max, value + half), n };
}

/** Figure of a variant, simulated and measured. */
export interface Compared {
  readonly metric: MetricName;
  readonly ideal: Figure | undefined;
  readonly withOverhead: Figure | undefined;
  readonly measured: number | null;
  /**
   * `agrees`: the measurement agrees with both simulations. `explained`: only with that with overhead. `unjudged`: a
   * value is missing, a percentile has fewer than 1,000 completed requests, or the variant is invalid.
   */
  readonly verdict: 'agrees' | 'explained' | 'differs' | 'unjudged';
}

/** Compares the simulated figures of a variant with the measured ones. Empty if it was not simulated. */
export function comparedIn(result: Result, variant: string): Compared[] {
  const isInvalid = disturbedIn(result).includes(variant);
  const completed = valueIn(result, variant, 'completed') ?? 0;
  return simulatedMetrics.flatMap((name): Compared[] => {
    const at = (source: Figure['source']) => figureAt(result.figures, { variant, metric: name, source });
    const [ideal, withOverhead] = [at('ideal'), at('simulated')];
    if (!ideal && !withOverhead) return [];
    const measured = valueIn(result, variant, name);
    const best = withOverhead ?? ideal;
    const isRough = metric(name).unit === 'ms' && completed < completedMin;
    const verdict = () => {
      if (isInvalid || isRough || measured === null) return 'unjudged';
      if (!agrees(measured, best!)) return 'differs';
      return ideal && agrees(measured, ideal) ? 'agrees' : 'explained';
    };
    return [{ metric: name, ideal, withOverhead, measured, verdict: verdict() }];
  });
}

const agrees = (measured: number, { metric: name, value, low, high }: Figure): boolean =>
  (measured >= low! && measured <= high!) ||
  Math.abs(measured - value!) <= metric(name as MetricName).tolerance!(value!);
