import { roundOf } from '#lab/judge/statistics/estimates.ts';
import { disturbedIn } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import type { PointResult, Verified } from '#lab/result/sweep.ts';
import { metastableIn } from './estimates.ts';

/** Least share of the simulated seeds with an outcome that counts as possible. */
const possible = 0.05;

/** Compares a run on sockets with the simulations of its point. */
export function verifiedOf(
  point: PointResult,
  result: Pick<Result, 'status' | 'hypotheses' | 'experiment' | 'variants' | 'validity'>,
  folder: string,
): Verified {
  const disturbed = disturbedIn(result);
  const variants = result.variants.filter(({ name }) => !disturbed.includes(name));
  const round = roundOf({ ...result, variants });
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
    ...point.variants.map(({ name, metastable }) =>
      check(`metastable(${name})`, metastableIn(round, name), metastable?.value ?? null),
    ),
    ...result.hypotheses.map(({ text, ok }, index) =>
      check(text, ok, point.hypotheses[index]?.value ?? null),
    ),
  ];
  const known = checks.flatMap(({ agrees }) => agrees ?? []);
  const agrees = known.length > 0 ? known.every((each) => each) : null;
  return { values: point.values, folder, status: result.status, checks, agrees };
}
