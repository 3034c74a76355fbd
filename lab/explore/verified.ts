import { figureAt, valueIn } from '#lab/experiment/metrics/table.ts';
import { disturbedIn } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import type { PointResult, SweepResult, Verified } from './result.ts';

/** Least share of the simulated seeds with an outcome that counts as possible. */
const possible = 0.05;

/** Compares a run on sockets with the simulations of its point. */
export function verifiedOf(
  sweep: Pick<SweepResult, 'points' | 'figures' | 'variants'>,
  point: PointResult,
  result: Pick<Result, 'status' | 'hypotheses' | 'figures' | 'variants' | 'validity'>,
  folder: string,
): Verified {
  const disturbed = disturbedIn(result);
  const metastable = 'metastable';
  const index = sweep.points.indexOf(point);
  const check = (
    what: string,
    measured: boolean | null,
    probability: number | null,
  ): Verified['checks'][number] => {
    const isKnown = measured !== null && probability !== null;
    const share = measured ? probability : 1 - (probability ?? 0);
    return { what, measured, probability, agrees: isKnown ? share! >= possible : null };
  };
  const checks = [
    ...sweep.variants.map((variant) => {
      const verdict = disturbed.includes(variant) ? null : valueIn(result, variant, metastable);
      const simulated = figureAt(sweep.figures, { variant, metric: metastable, point: index });
      return check(
        `metastable(${variant})`,
        verdict === null ? null : verdict === 1,
        simulated?.value ?? null,
      );
    }),
    ...result.hypotheses.map(({ text, ok }, index) =>
      check(text, ok, point.hypotheses[index]?.value ?? null),
    ),
  ];
  const known = checks.flatMap(({ agrees }) => agrees ?? []);
  const agrees = known.length > 0 ? known.every((each) => each) : null;
  return { values: point.values, folder, status: result.status, checks, agrees };
}
