import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { given, marginOf } from './args.ts';

export function addCompare(program: Command): void {
  program
    .command('compare')
    .description('compare two runs, variant by variant')
    .argument('<before>', 'the folder of a run, or a file in it', given)
    .argument('<after>', 'the folder of another run, or a file in it', given)
    .option(
      '-m, --margin <share>',
      'end with 99 when a figure of any variant is worse by more than this, such as 5% or 0.05',
      marginOf,
    )
    .addHelpText(
      'after',
      `
Runs with rounds (run --repeat) show whether each figure is better, worse, or no different, with the 95 % interval of
the difference. The margin is relative to the figure before, and in
points for shares such as goodput. A figure is worse by more than the margin if its whole interval is. Errors, retries,
wasted effects and latencies count as worse only if no more work is done, and as better only if no less is.

With a margin compare ends with 99 if a figure got worse, else with 90 if the measurement of a variant was invalid on
either side, else with 0. It also ends with 90 if either run ended early. Both sides need 5 rounds or more. Both run
with faults, or both are control runs (run --without-faults). The second has every variant of the first, and offered it
the same load.`,
    )
    .action(async (before, after, { margin }) => {
      const { changesBetween, refuseUnlike, regressionCode } = await import(
        '#lab/judge/statistics/change.ts'
      );
      const { renderComparison } = await import('#lab/show/terminal/comparison.ts');
      const { paperOf } = await import('#lab/show/terminal/paper.ts');
      const { folderOf, readResult } = await import('#lab/conduct/run-folder.ts');
      const folders = [folderOf(before), folderOf(after)] as const;
      const [a, b] = await Promise.all([readResult(folders[0]), readResult(folders[1])]);
      if (margin !== undefined) refuseUnlike([before, a], [after, b]);
      const changes = changesBetween(a, b, margin);
      const text = renderComparison(a, b, paperOf(process.stdout), { changes, margin });
      process.stdout.write(`${text}\n`);
      process.exitCode = margin === undefined ? exitCodes.held : regressionCode(a, b, changes);
    });
}
