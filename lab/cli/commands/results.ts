import type { Command } from '@commander-js/extra-typings';
import { eachGiven, given, marginOf } from '#lab/cli/args.ts';
import { exit, json } from './options.ts';

export function addJudge(program: Command): void {
  program
    .command('judge')
    .description('judge stored runs again from their evidence, without running them')
    .argument('<run...>', 'the folders of runs, or a file in each', eachGiven)
    .option('--experiment <file>', "judge by this experiment instead of the run's", given)
    .option('-o, --out <folder>', 'folder for the results (default: judged/ in the folder of the run)', given)
    .addOption(json())
    .addHelpText(
      'after',
      `
With the same experiment the result is the same. Another one may differ in title, description, hypothesis, steadyState,
recovery, validity, and the descriptions of its variants. It may differ in deadlineMs unless a
policy forwarded that. The evidence does not cover other changes. An existing result is never replaced: only a run that
was killed before it had one gets it in its own folder. Exit codes are those of run.`,
    )
    .action(async (runs, options) => exit((await import('#lab/cli/judge.ts')).judgeCommand(runs, options)));
}

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
