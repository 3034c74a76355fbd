import { type Command, Option } from '@commander-js/extra-typings';
import { portBase, portBaseMax } from '#lab/world/ports.ts';
import { whole } from './args.ts';
import { interruptSignal } from './interrupt.ts';
import { exit } from './options.ts';

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start a testbed on fixed ports, which the other commands find')
    .addOption(new Option('--foreground', 'stay in the foreground until interrupted').hideHelp())
    .option(
      '--port-base <number>',
      `the first port; the others are up to 40 above it (default: ${portBase})`,
      whole(1024, portBaseMax),
    )
    .action((options) =>
      exit(import('#lab/world/up.ts').then(({ up }) => up(options, interruptSignal, process))),
    );
}

export function addDown(program: Command): void {
  program
    .command('down')
    .description('stop the testbed that `up` started')
    .action(() => exit(import('#lab/world/up.ts').then(({ down }) => down(process))));
}
