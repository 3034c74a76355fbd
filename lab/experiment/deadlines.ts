import { parseDuration } from './hypothesis/quantity.ts';
import { measuresIn } from './measures.ts';
import type { Experiment } from './schema.ts';

const usualMs = [250, 1000, 2000, 5000];
const curve = { fromMs: 10, toMs: 60_000, perDecade: 12 };

/**
 * Every deadline at which goodput is to be computed, in ms, rising: the experiment's own, the usual ones, those that
 * hypotheses and predictions name, and a logarithmic series for the curve, as far as the run waits for what is late.
 */
export function deadlinesOf(experiment: Experiment): number[] {
  const { deadlineMs, drainMs, variants } = experiment;
  const judged = measuresIn(experiment).map((measure) => measure.deadlineMs);
  const predicted = Object.values(variants).flatMap((variant) =>
    Object.keys(variant.predicted?.goodput ?? {}).map(parseDuration),
  );
  const all = [deadlineMs, ...usualMs, ...judged, ...predicted, ...curvePoints()];
  return [...new Set(all)]
    .filter((ms) => ms !== undefined)
    .filter((ms) => ms <= drainMs)
    .sort((a, b) => a - b);
}

/** Whole ms, each 10^(1/12) ≈ 1.21 times the one before. */
function curvePoints(): number[] {
  const { fromMs, toMs, perDecade } = curve;
  const steps = Math.floor(Math.log10(toMs / fromMs) * perDecade);
  return [...Array.from({ length: steps + 1 }, (_, i) => Math.round(fromMs * 10 ** (i / perDecade))), toMs];
}
