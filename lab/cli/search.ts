import type { Command } from '@commander-js/extra-typings';
import type { Steps } from '#lab/explore/exploration.ts';
import { count, plain } from '#lab/kit/text/format.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { varyOf, whole } from './args.ts';
import { interruptible } from './interrupt.ts';
import { clear } from './live.ts';
import { aboutPaths, experiment, only, repeater, seed, write } from './options.ts';
import { stepsTo } from './steps.ts';

export function addSearch(program: Command): void {
  const command = program
    .command('search')
    .description('find the smallest change with which a hypothesis fails')
    .addArgument(experiment())
    .requiredOption('--within <path=range>', 'number of the file and its range; repeatable', varyOf)
    .option('--points <number>', 'number of random points', whole(1, 100_000), 500)
    .option('--seeds <number>', 'number of seeds, of which 80 % must fail', whole(1, 1000), 5)
    .addOption(seed("first seed, instead of the file's"))
    .addOption(only('simulate only these variants, as in a,b; repeatable'))
    .addOption(write('failing'))
    .addHelpText(
      'after',
      `
${aboutPaths}
Ranges: 0..5 or 40..200/10 (with a step). Ends with 99 if a hypothesis fails, with 90 if none does and
some point could not be judged, else with 0.

Example:
  ${commandLine(['search', '05', '--only', 'bulkhead', '--within', 'load*=0.5..3', '--within', 'variants.bulkhead.policies.bulkhead.concurrency=1..200'])}`,
    );
  const lineOf = repeater(command);
  command.action(async (file, options) => {
    const { planSearch, runSearch } = await import('#lab/explore/searching.ts');
    const { warn } = await import('./warnings.ts');
    const plan = planSearch(file, options, lineOf);
    warn([plan.subject.file]);
    const { stdout, stderr } = process;
    const show = stepsTo(stderr);
    const onProgress = (steps: Steps) =>
      show(steps, `${count(steps.done)} of ${count(steps.of)} random points tried`);
    await interruptible(async (signal) => {
      const { text, exitCode } = await runSearch(plan, onProgress, signal);
      clear(stderr);
      stdout.write(plain(`${text}\n`));
      return exitCode;
    });
  });
}
