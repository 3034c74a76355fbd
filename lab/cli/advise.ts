import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { interruptible } from './interrupt.ts';
import { clear, redraw } from './live.ts';
import { experiment, only, seed, write } from './options.ts';
import { searching } from './progress.ts';

export function addAdvise(program: Command): void {
  program
    .command('advise')
    .description('find the smallest change that saves each variant that collapses')
    .addArgument(experiment())
    .addOption(seed("seed, instead of the file's"))
    .addOption(only('advise only these variants, as in a,b; repeatable'))
    .addOption(write('advised'))
    .addHelpText(
      'after',
      `
Simulates the experiment, and changes of each variant that collapses or completes less than half of what is possible.
A change helps if the variant does well at the end of the load, with five fresh seeds, too.

Example:
  ${commandLine(['advise', '05'])}`,
    )
    .action(async (file, options) => {
      const { adviseFile } = await import('#lab/explore/advice/advise-file.ts');
      await interruptible(async (signal) => {
        const { stderr } = process;
        const text = await adviseFile(file, options, signal, (variant, tried) => {
          if (stderr.isTTY) redraw(stderr, [searching(variant, tried)]);
        });
        clear(stderr);
        process.stdout.write(`${text}\n`);
        return exitCodes.held;
      });
    });
}
