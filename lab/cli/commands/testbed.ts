import { type Command, Option } from '@commander-js/extra-typings';
import { agentNameOf, agentsUrlOf, eachGiven, portBase, portBaseMax, whole } from '#lab/cli/args.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { exit } from './options.ts';

export function addAgent(program: Command): void {
  program
    .command('agent')
    .description('join as a load agent: send a share of the requests of `run --agents-at`, until interrupted')
    .requiredOption(
      '--at <url>',
      'NATS server over which labs find agents; not the broker under test',
      agentsUrlOf,
    )
    .option('--name <name>', 'name in messages and reports (default: host name and process id)', agentNameOf)
    .option(
      '--env <variable>',
      'environment variable that requests of an experiment may contain, as in {env:NAME}; repeatable',
      eachGiven,
    )
    .addHelpText(
      'after',
      `
The login of the server is in the URL, as in nats://user:password@host:4222, or in SPILLWAY_AGENTS_CREDENTIALS as
user:password or as a token. Agents and lab need the same version of Spillway.

Example:
  ${commandLine(['agent', '--at', 'nats://10.0.0.5:4222', '--name', 'left'])}`,
    )
    .action(async (options) => exit((await import('#lab/cli/agent.ts')).agentCommand(options)));
}

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start a testbed on fixed ports, which the other commands find')
    .addOption(new Option('--foreground', 'stay in the foreground until interrupted').hideHelp())
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
