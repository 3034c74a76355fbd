import type { Command } from '@commander-js/extra-typings';
import { eachGiven, given, whole } from '#lab/cli/args.ts';
import { exit, experiment, json, only, out, seed } from '#lab/cli/options.ts';
import { varyOf } from '#lab/cli/vary.ts';
import { commandLine } from '#lab/world/process/command-line.ts';

const aboutPaths = `Paths: names and indices, as in load[1].arrivals.ratePerSecond or deadlineMs. An index may be left out where one entry
has the field, as in variants.budget.policies.retry.maxRetries.`;

export function addSweep(program: Command): void {
  program
    .command('sweep')
    .description('simulate an experiment over a grid of values, with several seeds for each point')
    .addArgument(experiment())
    .requiredOption('--vary <path=values>', 'number of the file and its values; repeatable', varyOf)
    .option('--seeds <number>', 'number of seeds for each point', whole(1, 1000), 20)
    .addOption(seed("first seed, instead of the file's"))
    .addOption(only('simulate only these variants, as in a,b; repeatable'))
    .addOption(out())
    .option(
      '--verify <number>',
      'also run this many points on sockets, those nearest to where a probability crosses 0.5',
      whole(1, 100),
    )
    .option('-y, --yes', 'simulate even if it takes more than an hour')
    .addOption(json())
    .addHelpText(
      'after',
      `
${aboutPaths}
Values: 0..5, 40..200/10 (with a step) or 1,2,5. load*=0.5..2 scales all rates of the load.

Examples:
  ${commandLine(['sweep', '05', '--only', 'three-tries', '--vary', 'load*=0.5..1.5'])}
  ${commandLine(['sweep', 'mine.yaml', '--vary', 'variants.budget.policies.retry.maxRetries=0..5'])}`,
    )
    .action(async (file, options) => exit((await import('#lab/cli/sweep.ts')).sweepCommand(file, options)));
}

export function addTune(program: Command): void {
  program
    .command('tune')
    .description('find values with which hypotheses hold in 95 % of the seeds, and write the changed file')
    .addArgument(experiment())
    .requiredOption('--vary <path=range>', 'number of the file and its range; repeatable', varyOf)
    .requiredOption('--require <hypothesis>', 'what must hold; repeatable', eachGiven)
    .option('--minimize <metric>', 'choose the value with the smallest mean, as in p99(budget)', given)
    .option('--maximize <metric>', 'choose the value with the greatest mean, as in goodput(budget)', given)
    .option('--seeds <number>', 'number of seeds for each value', whole(1, 1000), 20)
    .addOption(seed("first seed, instead of the file's"))
    .addOption(only('simulate only these variants, as in a,b; repeatable'))
    .option('-w, --write <file>', 'the changed file (default: NAME-tuned.yaml in the current folder)', given)
    .addOption(out())
    .addHelpText(
      'after',
      `
${aboutPaths}
Ranges: 0..5 or 40..200/10 (with a step). Without a metric one path is varied, and a value near the end that the
hypotheses limit is chosen: it and its neighbours hold with fresh seeds, too.

Example:
  ${commandLine(['tune', '05', '--only', 'budget', '--vary', 'variants.budget.policies.retry.budget.ratio=0..1', '--require', 'goodput(budget, phase later) > 0.9'])}`,
    )
    .action(async (file, options) => exit((await import('#lab/cli/tune.ts')).tuneCommand(file, options)));
}

export function addSearch(program: Command): void {
  program
    .command('search')
    .description('look for values with which a hypothesis fails, and write the file with the smallest change')
    .addArgument(experiment())
    .requiredOption('--within <path=range>', 'number of the file and its range; repeatable', varyOf)
    .option('--points <number>', 'number of random points', whole(1, 100_000), 500)
    .option('--seeds <number>', 'number of seeds, of which 80 % must fail', whole(1, 1000), 5)
    .addOption(seed("first seed, instead of the file's"))
    .addOption(only('simulate only these variants, as in a,b; repeatable'))
    .option(
      '-w, --write <file>',
      'the changed file (default: NAME-failing.yaml in the current folder)',
      given,
    )
    .addOption(out())
    .addHelpText(
      'after',
      `
${aboutPaths}
Ranges: 0..5 or 40..200/10 (with a step). Ends with 99 if a hypothesis fails, with 90 if none does and
some point could not be judged, else with 0.

Example:
  ${commandLine(['search', '05', '--only', 'bulkhead', '--within', 'load*=0.5..3', '--within', 'variants.bulkhead.policies.bulkhead.concurrency=1..200'])}`,
    )
    .action(async (file, options) => exit((await import('#lab/cli/search.ts')).searchCommand(file, options)));
}
