import { exitCodes } from '#lab/exit-codes.ts';
import { readResult, runFolderOf } from '#lab/folder.ts';
import { renderComparison } from '#lab/report/terminal/comparison.ts';
import { paperOf } from '#lab/report/terminal/paper.ts';

/** Puts two runs side by side, variant by variant. Returns the exit code. */
export async function compareCommand(before: string, after: string): Promise<number> {
  const results = await Promise.all([readResult(runFolderOf(before)), readResult(runFolderOf(after))]);
  process.stdout.write(`${renderComparison(...results, paperOf(process.stdout))}\n`);
  return exitCodes.held;
}
