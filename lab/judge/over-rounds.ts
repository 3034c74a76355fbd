import { metricOf } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { judgeRounds } from './hypotheses/hypothesis.ts';
import { verdict } from './hypotheses/verdict.ts';
import { meansOf } from './means.ts';
import type { Result, ValidityCheck } from './result/result.ts';
import { figuresOver } from './statistics/rounds.ts';

/** Combines the results of at least one round, in the order in which they were run. */
export function overRounds(
  rounds: readonly Result[],
  about: Pick<Result, 'command' | 'durationMs' | 'folder'>,
): Result {
  const [first] = rounds as readonly [Result, ...Result[]];
  const findings = {
    errors: rounds.flatMap(({ errors, experiment: { seed } }) =>
      errors.map((error) => ({ ...error, message: `${error.message} (with seed ${seed})` })),
    ),
    validity: worstChecks(rounds),
    hypotheses: first.hypotheses.map((_, i) => judgeRounds(rounds.map(({ hypotheses }) => hypotheses[i]!))),
  };
  const interrupted = rounds.some(({ status }) => status === 'interrupted');
  const ofRounds = rounds.flatMap(({ figures, experiment: { seed } }) =>
    figures.filter(isKept).map((figure) => ({ ...figure, round: seed })),
  );
  const byName = Map.groupBy(
    rounds.flatMap(({ variants }) => variants),
    ({ name }) => name,
  );
  return {
    ...first,
    ...about,
    ...findings,
    ...verdict({ ...findings, interrupted }),
    variants: [...byName.values()].map(meansOf),
    figures: [...figuresOver(rounds.map(({ figures }) => figures)), ...ofRounds],
    rounds: rounds.map(({ status, experiment: { seed } }) => ({ seed, status })),
  };
}

/** True for a figure that is kept of each round: of the whole run, or of a recovery. */
const isKept = ({ window, metric }: Figure): boolean =>
  window === undefined || metricOf(metric)?.only === 'after';

/** Returns the checks of all variants, each check from the round in which it was worst. */
function worstChecks(rounds: readonly Result[]): ValidityCheck[] {
  const all = rounds.flatMap(({ validity, experiment: { seed } }) =>
    validity.map((check) => ({ check, seed, margin: check.limit - check.measured })),
  );
  return [...Map.groupBy(all, ({ check }) => `${check.variant}: ${check.name}`).values()].map((same) => {
    const { check, seed } = same.toSorted((a, b) => a.margin - b.margin)[0]!;
    const failing = same.filter(({ check }) => !check.ok).length;
    const where = `in ${failing} of ${same.length} rounds, the worst with seed ${seed}`;
    const hypotheses = check.hypotheses && {
      hypotheses: [...new Set(same.flatMap(({ check }) => check.hypotheses ?? []))],
    };
    return failing === 0 ? check : { ...check, ...hypotheses, finding: `${where}: ${check.finding}` };
  });
}
