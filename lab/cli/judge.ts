import type { Command } from '@commander-js/extra-typings';
import { eachGiven, given } from './args.ts';
import { json, quiet } from './options.ts';

export function addJudge(program: Command): void {
  program
    .command('judge')
    .description('judge stored runs again from their evidence')
    .argument('<run...>', 'the folders of runs, or a file in each', eachGiven)
    .option('--experiment <file>', "judge by this experiment instead of the run's", given)
    .option('-o, --out <folder>', 'folder for the results (default: judged/ in the folder of the run)', given)
    .addOption(json().conflicts('quiet'))
    .addOption(quiet())
    .addHelpText(
      'after',
      `
With the same experiment the result is the same. Another one may differ in title, description, hypothesis, steadyState,
recovery, validity, and the descriptions of its variants. The evidence does not cover other changes. An existing result
is never replaced: only a run that was killed before it had one gets it in its own folder. Exit codes are those of run.`,
    )
    .action(async (paths, { json, quiet, ...options }) => {
      const { judgeAgain } = await import('#lab/conduct/judge-again.ts');
      const { folderOf } = await import('#lab/conduct/run-folder.ts');
      const { exitLine, worstOf } = await import('#lab/kit/errors/exit-codes.ts');
      const { formOf, outputIn } = await import('./conducting.ts');
      const codes: number[] = [];
      for (const [index, path] of paths.entries()) {
        const output = outputIn(formOf({ json, quiet }), ({ exitCode }) =>
          index === paths.length - 1 ? [exitLine(worstOf([...codes, exitCode]))] : [],
        );
        const { exitCode } = await judgeAgain(folderOf(path), { ...options, output });
        codes.push(exitCode);
      }
      process.exitCode = worstOf(codes);
    });
}
