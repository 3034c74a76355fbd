import type { Command } from '@commander-js/extra-typings';
import { commandLine } from '#lab/world/process/command-line.ts';
import { experiments, json, label, only, out, quiet, repeat, repeater, seed } from './options.ts';

export function addSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .description('run experiments in virtual time, without sockets, and judge them')
    .addArgument(experiments())
    .addOption(out())
    .addOption(label())
    .addOption(seed("seed, instead of the file's"))
    .addOption(repeat())
    .addOption(
      only(
        'simulate only these variants, as in a,b, and judge the hypotheses that name no other; repeatable',
      ),
    )
    .addOption(json().conflicts(['quiet', 'verbose']))
    .addOption(quiet())
    .option('-v, --verbose', 'print all details')
    .addHelpText(
      'after',
      `
The services' own logic runs, on a virtual clock. The same seed gives the same evidence, but for the first record and the checksum over it. A broker of several servers
is refused, and so is the fault bandwidth.

Example:
  ${commandLine(['simulate', '--seed', '3', 'mine.yaml'])}`,
    );
  const lineOf = repeater(command);
  command.action(async (paths, options) => {
    const { readPlanned } = await import('#lab/conduct/read-planned.ts');
    const { simulated } = await import('#lab/world/simulated/world.ts');
    const { conductFiles } = await import('./conducting.ts');
    const world = simulated();
    const files = readPlanned(paths, world, options);
    process.exitCode = await conductFiles(files, options, { world, lineOf });
  });
}
