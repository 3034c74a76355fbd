import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { count, duration, plain, plural } from '#lab/kit/text/format.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { varyOf, whole } from './args.ts';
import { interruptSignal } from './interrupt.ts';
import { clear, lineTo, linkTo } from './live.ts';
import { aboutPaths, experiment, json, only, out, repeater, seed } from './options.ts';
import { stepsTo } from './steps.ts';

export function addSweep(program: Command): void {
  const command = program
    .command('sweep')
    .description('simulate an experiment over a grid of values')
    .addArgument(experiment())
    .requiredOption('--vary <path=values>', 'number of the file and its values; repeatable', varyOf)
    .option('--seeds <number>', 'number of seeds for each point', whole(1, 1000), 20)
    .addOption(seed("first seed, instead of the file's"))
    .addOption(only('simulate only these variants, as in a,b; repeatable'))
    .option('--every-point', 'simulate every point with all seeds, also where a map does not change')
    .addOption(out())
    .addOption(json())
    .addHelpText(
      'after',
      `
${aboutPaths}
Values: 0..5, 40..200/10 (with a step) or 1,2,5. load*=0.5..2 scales all rates of the load.

Examples:
  ${commandLine(['sweep', '05', '--only', 'three-tries', '--vary', 'load*=0.5..1.5'])}
  ${commandLine(['sweep', 'mine.yaml', '--vary', 'variants.budget.policies.retry.maxRetries=0..5'])}`,
    );
  const lineOf = repeater(command);
  command.action(async (file, options) => {
    const { estimateMs, planSweep, runSweep } = await import('#lab/explore/sweep.ts');
    const { findingOf } = await import('#lab/explore/finding.ts');
    const { renderSweep } = await import('#lab/explore/terminal.ts');
    const { paperOf } = await import('#lab/show/terminal/paper.ts');
    const { warn } = await import('./warnings.ts');
    const plan = planSweep(file, options, lineOf);
    warn([plan.subject.file]);
    const { stdout, stderr } = process;
    const show = stepsTo(stderr);
    const ofPoints = `simulations of ${plural(plan.points.length, 'point')}`;
    const most = plain(`${count(plan.points.length * plan.seeds.length)} ${ofPoints}`);
    const about = plain(duration(1000 * Math.ceil(estimateMs(plan, availableParallelism()) / 1000)));
    const line = lineTo(stderr);
    line(plan.isRefined ? `At most ${most}, ${about}: a coarse map first.` : `${most}, about ${about}.`);
    const { result, folder } = await runSweep(plan, {
      signal: interruptSignal(line),
      onMap: (first, page) => line(plain(`First map: ${findingOf(first).join(' ')}\n  ${page}`)),
      onProgress: (steps) => show(steps, `${count(steps.done)} of ${count(steps.of)} ${ofPoints}`),
      onResult(result, folder) {
        clear(stderr);
        stdout.write(
          options.json
            ? `${JSON.stringify({ folder, ...result })}\n`
            : `\n${renderSweep(result, paperOf(stdout))}\n`,
        );
      },
    });
    if (!options.json)
      stdout.write(
        `\nTable: ${join(folder, 'sweep.csv')}\nPage: ${linkTo(join(folder, 'sweep.html'), stdout)}\n`,
      );
    process.exitCode = result.status === 'interrupted' ? exitCodes.interrupted : exitCodes.held;
  });
}
