import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { plain, plural } from '#lab/kit/text/format.ts';
import { experiments } from './options.ts';

export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('check experiment files without running them')
    .addArgument(experiments())
    .action(async (paths) => {
      const { ExperimentError, readEach } = await import('#lab/experiment/read.ts');
      const { warn } = await import('./warnings.ts');
      const { files, problems } = readEach(paths);
      warn(files);
      for (const { file, experiment } of files) {
        const { variants, hypothesis, repeat } = experiment;
        const ofVariants = plural(Object.keys(variants).length, 'variant');
        const parts = [ofVariants, plural(hypothesis.length, 'hypothesis')];
        if (repeat > 1) parts.push(plural(repeat, 'round'));
        process.stdout.write(plain(`${file}: ok, ${parts.join(', ')}\n`));
      }
      if (problems.length > 0) throw new ExperimentError(problems);
      process.exitCode = exitCodes.held;
    });
}
