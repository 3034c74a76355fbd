import { type Command, Option } from '@commander-js/extra-typings';
import {
  agentNameOf,
  agentsUrlOf,
  durationOf,
  eachGiven,
  given,
  portBase,
  portBaseMax,
  urlOf,
  whole,
} from '#lab/cli/args.ts';
import { exit } from '#lab/cli/options.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { laneNames } from '#lab/world/testbed.ts';

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

export function addFault(program: Command): void {
  program
    .command('fault')
    .description('inject a fault, which ends after --for; without a kind, list the active faults')
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
    .action(async (kind, fields, options) =>
      exit((await import('#lab/cli/fault.ts')).faultCommand(kind, fields, options)),
    );
}
