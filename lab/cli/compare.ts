import { readResult, runFolderOf } from '#lab/conduct/run-folder.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { changesBetween, missingIn, offeredOther } from '#lab/judge/statistics/change.ts';
import type { Result } from '#lab/result/result.ts';
import { renderComparison } from '#lab/show/terminal/comparison.ts';
import { paperOf } from '#lab/show/terminal/paper.ts';

/**
 * Compares two runs, variant by variant. Returns the exit code, which is always 0 without a margin. With a margin,
 * throws InputError for too few rounds, for another load, for faults in only one run, and for a variant of the first run
 * that the second lacks.
 */
export async function compareCommand(
  before: string,
  after: string,
  { margin }: { margin?: number },
): Promise<number> {
  const folders = [runFolderOf(before), runFolderOf(after)] as const;
  const [a, b] = await Promise.all([readResult(folders[0]), readResult(folders[1])]);
  if (margin !== undefined) {
    refuseFew([before, a], [after, b]);
    if ((a.withoutFaults ?? false) !== (b.withoutFaults ?? false))
      throw new InputError(
        'expected two control runs (run --without-faults) beside --margin, or none, got one',
      );
  }
  const changes = changesBetween(a, b, margin);
  const text = renderComparison(a, b, paperOf(process.stdout), { changes, margin });
  process.stdout.write(`${text}\n`);
  if (margin === undefined) return exitCodes.held;
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

/**
 * Minimum number of rounds for a margin. With fewer rounds, intervals are wide, and valid only for normally distributed
 * figures.
 */
const roundsMin = 5;

function refuseFew(...sides: readonly (readonly [path: string, result: Result])[]): void {
  const what = `expected at least ${roundsMin} rounds (run --repeat) beside --margin`;
  const problems = sides.flatMap(([path, { rounds }]) => {
    const count = rounds?.length ?? 1;
    return count < roundsMin ? [`${path}: ${what}, got ${count}`] : [];
  });
  if (problems.length > 0) throw new InputError(problems.join('\n'));
}
