import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { plain } from '#lab/kit/text/format.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { eachGiven, given, varyOf, whole } from './args.ts';
import { interruptible } from './interrupt.ts';
import { clear } from './live.ts';
import { aboutPaths, experiment, only, repeater, seed, write } from './options.ts';
import { trialsTo } from './steps.ts';

export function addTune(program: Command): void {
  const command = program
    .command('tune')
    .description('find values with which hypotheses hold in 95 % of the seeds')
    .addArgument(experiment())
    .requiredOption('--vary <path=range>', 'number of the file and its range', varyOf)
    .requiredOption('--require <hypothesis>', 'what must hold; repeatable', eachGiven)
    .option('--minimize <metric>', 'choose the value with the smallest mean, as in p99(budget)', given)
    .option('--maximize <metric>', 'choose the value with the greatest mean, as in goodput(budget)', given)
    .option('--seeds <number>', 'number of seeds for each value', whole(1, 1000), 20)
    .addOption(seed("first seed, instead of the file's"))
    .addOption(only('simulate only these variants, as in a,b; repeatable'))
    .addOption(write('tuned'))
    .addHelpText(
      'after',
      `
${aboutPaths}
Ranges: 0..5 or 40..200/10 (with a step). Without a metric, a value near the end that the hypotheses limit is chosen.
It and its neighbours hold with fresh seeds, too. The changed file gets the value that was found.

Example:
  ${commandLine(['tune', '05', '--only', 'budget', '--vary', 'variants.budget.policies.retry.budget.ratio=0..1', '--require', 'goodput(budget, phase later) > 0.9'])}`,
    );
  const lineOf = repeater(command);
  command.action(async (file, options) => {
    const { planTune, runTune } = await import('#lab/explore/tuning.ts');
    const { mark, paperOf } = await import('#lab/show/terminal/paper.ts');
    const { warn } = await import('./warnings.ts');
    const plan = planTune(file, options, lineOf);
    warn([plan.subject.file]);
    const { stdout, stderr } = process;
    const show = trialsTo(stderr, (holds) => mark(holds, paperOf(stderr)));
    await interruptible(async (signal) => {
      const text = await runTune(plan, show, signal);
      clear(stderr);
      stdout.write(plain(text));
      return exitCodes.held;
    });
  });
}
