import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { type Change, missingIn, offeredOther } from './change.ts';

type Side = readonly [path: string, result: Result];

/**
 * Minimum number of rounds for a margin. With fewer rounds, intervals are wide, and valid only for normally distributed
 * figures.
 */
const roundsMin = 5;

/** Refuses runs that can't be compared with a margin: with too few rounds, or with faults in only one of them. */
export function refuseUnlike(...sides: readonly [Side, Side]): void {
  const what = `expected at least ${roundsMin} rounds (run --repeat) beside --margin`;
  const problems = sides.flatMap(([path, { rounds }]) => {
    const count = rounds?.length ?? 1;
    return count < roundsMin ? [`${path}: ${what}, got ${count}`] : [];
  });
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  const [[, a], [, b]] = sides;
  if ((a.withoutFaults ?? false) !== (b.withoutFaults ?? false))
    throw new InputError(
      'expected two control runs (run --without-faults) beside --margin, or none, got one',
    );
}

/**
 * Returns the exit code of a comparison with a margin. Throws InputError for another load, and for a variant of the first
 * run that the second lacks.
 */
export function regressionCode(a: Result, b: Result, changes: readonly Change[]): number {
  if ([a, b].some(({ errors }) => errors.length > 0)) return exitCodes.invalid;
  const other = offeredOther(changes).join(', ');
  if (other !== '')
    throw new InputError(`expected the same load in both runs beside --margin, got another one for ${other}`);
  const gone = missingIn(b, a);
  if (gone.length > 0)
    throw new InputError(
      `expected every variant of the first run in the second beside --margin, missing ${gone.join(', ')}`,
    );
  if (changes.some(({ regressed }) => regressed)) return exitCodes.failed;
  return changes.some(({ instead }) => instead === 'invalid') ? exitCodes.invalid : exitCodes.held;
}
