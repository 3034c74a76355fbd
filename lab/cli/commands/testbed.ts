import type { Command } from '@commander-js/extra-typings';
import { portBase, portBaseMax, positive, whole } from '#lab/cli/args.ts';
import { exit, experiment, json, out } from './options.ts';

export function addCalibrate(program: Command): void {
  program
    .command('calibrate')
    .description("measure the capacity of an experiment's dependency under a timeout")
    .addArgument(experiment())
    .option('-t, --timeout <ms>', "timeout, instead of the file's", positive(60_000))
    .addOption(out())
    .addOption(json())
    .addHelpText(
      'after',
      `
The capacity is the highest rate of attempts, without retries, at which at most 5 % time out. For experiments with a load
relative to it (capacity: { nominalPerSecond, timeoutMs }), run measures it first.`,
    )
    .action(async (file, options) =>
      exit((await import('#lab/cli/calibrate.ts')).calibrateCommand(file, options)),
    );
}

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start a testbed on fixed ports, which the other commands find')
    .option('--foreground', 'stay in the foreground until interrupted')
    .option(
      '--port-base <number>',
      `the first port; the others are up to 50 above it (default: ${portBase})`,
      whole(1024, portBaseMax),
    )
    .action(async (options) => exit((await import('#lab/cli/up.ts')).upCommand(options)));
}

export function addDown(program: Command): void {
  program
    .command('down')
    .description('stop the testbed that `up` started')
    .action(async () => exit((await import('#lab/cli/up.ts')).downCommand()));
}
