import { changesBetween, missingIn } from '#lab/analysis/statistics/change.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { renderComparison } from '#lab/report/terminal/comparison.ts';
import { paperOf } from '#lab/report/terminal/paper.ts';
import type { Result, Status } from '#lab/result/result.ts';
import { readResult, runFolderOf } from './run-folder.ts';

/**
 * Puts two runs side by side, variant by variant. Returns the exit code, which is 0 unless a margin is given: then it says
 * whether anything got worse by more. Throws InputError where a margin is given and there are too few rounds for it, faults
 * on one side alone, or no more of a variant that was there before.
 */
export async function compareCommand(
  before: string,
  after: string,
  { margin }: { margin?: number },
): Promise<number> {
  const [a, b] = await Promise.all([readResult(runFolderOf(before)), readResult(runFolderOf(after))]);
  if (margin !== undefined) {
    refuseFew([before, a], [after, b]);
    if ((a.withoutFaults ?? false) !== (b.withoutFaults ?? false))
      throw new InputError('expected two controls (run --without-faults) beside --margin, or none, got one');
  }
  const changes = a.rounds || b.rounds ? changesBetween(a, b, margin) : undefined;
  const text = renderComparison(a, b, paperOf(process.stdout), changes && { changes, margin });
  process.stdout.write(`${text}\n`);
  if (margin === undefined || !changes) return exitCodes.held;
  // No measurement that was off, or that ended early, is judged.
  if (![a, b].every(({ status }) => judged.includes(status))) return exitCodes.invalid;
  const gone = missingIn(b, a);
  if (gone.length > 0)
    throw new InputError(
      `expected every variant of the run before in the one after beside --margin, missing ${gone.join(', ')}`,
    );
  return changes.some(({ regressed }) => regressed) ? exitCodes.failed : exitCodes.held;
}

const judged: readonly Status[] = ['held', 'measured', 'failed'];

/** The interval of fewer is as wide as if they were normal, which nobody knows, and says little. */
const roundsMin = 5;

function refuseFew(...sides: readonly (readonly [path: string, result: Result])[]): void {
  const few = sides
    .map(([path, { rounds }]) => ({ path, count: rounds?.length ?? 1 }))
    .filter(({ count }) => count < roundsMin);
  if (few.length === 0) return;
  const what = `expected at least ${roundsMin} rounds (run --repeat) beside --margin`;
  throw new InputError(few.map(({ path, count }) => `${path}: ${what}, got ${count}`).join('\n'));
}
