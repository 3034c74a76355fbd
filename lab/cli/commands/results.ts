import type { Command } from '@commander-js/extra-typings';
import { given, marginOf } from '#lab/cli/args.ts';
import { exit } from '#lab/cli/options.ts';

export function addCompare(program: Command): void {
  program
    .command('compare')
    .description('compare two runs')
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
    .action(async (before, after, options) =>
      exit((await import('#lab/cli/compare.ts')).compareCommand(before, after, options)),
    );
}
