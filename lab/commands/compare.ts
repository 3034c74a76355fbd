import { exitCodes } from '#lab/exit-codes.ts';
import { readResult } from '#lab/folder.ts';
import { renderComparison } from '#lab/report/terminal/comparison.ts';
import { paperOf } from '#lab/report/terminal/paper.ts';

/** Puts two runs side by side, variant by variant. Returns the exit code. */
export async function compareCommand(before: string, after: string): Promise<number> {
  const [first, second] = await Promise.all([readResult(before), readResult(after)]);
  process.stdout.write(`${renderComparison(first, second, paperOf(process.stdout))}\n`);
  return exitCodes.held;
}
