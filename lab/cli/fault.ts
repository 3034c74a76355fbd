import { type Command, Option } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { plain } from '#lab/kit/text/format.ts';
import { printable } from '#lab/kit/text/printable.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { laneNames } from '#lab/world/testbed.ts';
import { durationOf, eachGiven, given, urlOf } from './args.ts';
import { testbedInEnvironment } from './environment.ts';

const say = (line: string) => process.stdout.write(`${plain(printable(line))}\n`);

export function addFault(program: Command): void {
  program
    .command('fault')
    .description('inject a fault that ends after --for; without a kind, list active faults')
    .argument('[kind]', 'kind of fault, as in experiments')
    .argument('[field=value...]', 'options of the kind, with values in YAML', eachGiven)
    .option('--for <time>', 'time after which the fault ends, such as 20s', durationOf)
    .option('--target <name>', 'downstream (of all lanes), a replica, or a hop', given, 'downstream')
    .addOption(new Option('--lane <name>', 'lane of docker compose').choices(laneNames).conflicts('target'))
    .option('--clear', 'clear all faults that this command has injected')
    .option(
      '--url <part=url>',
      'URL of a control port, instead of that of the running testbed: downstream-control or netproxy-control',
      urlOf,
    )
    .addHelpText(
      'after',
      `
A kind needs --for. docs/reference/faults.md has the kinds with their fields: those of downstream, and those of hops, which
need docker/chaos.env.

Examples:
  ${commandLine(['fault', 'hang', '--for', '20s'])}
  ${commandLine(['fault', 'latency', 'added.kind=fixed', 'added.ms=300', '--for', '20s', '--lane', 'events'])}
  ${commandLine(['fault', 'latency', 'latencyMs=100', '--for', '20s', '--target', 'gateway->downstream'])}
  ${commandLine(['fault', '--clear'])}`,
    )
    .action(async (kind, fields, options) => {
      const { changeFaults } = await import('#lab/world/manual-faults.ts');
      await changeFaults(kind, fields, { ...testbedInEnvironment(), ...options }, say);
      process.exitCode = exitCodes.held;
    });
}
