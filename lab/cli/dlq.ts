import type { Command, OptionValues } from '@commander-js/extra-typings';
import { brokerUrlOf, eachGiven, positive, whole } from './args.ts';
import { exit } from './options.ts';

const commands = () => import('./dlq/commands.ts');

export function addDlq(program: Command): void {
  const dlq = program.command('dlq').description('list, redrive or delete dead letters');
  filtered(
    dlq
      .command('ls')
      .alias('list')
      .description('list dead letters, oldest first; with --json all about each, and its body'),
  ).action(async (options) => exit((await commands()).lsCommand(options)));
  filtered(
    dlq
      .command('redrive')
      .description('send events to their original subject again, and delete their dead letters')
      .option('--rate <number>', 'most events per second', positive(100_000), 100),
  )
    .addHelpText('after', redriveHelp)
    .action(async (options) => exit((await commands()).redriveCommand(options)));
  filtered(
    dlq
      .command('purge')
      .description('delete dead letters for good')
      .option('-y, --yes', 'needed, since nothing brings them back'),
  ).action(async (options) => exit((await commands()).purgeCommand(options)));
}

const redriveHelp = `
An event is sent without its caller's deadline, and its attempt count continues. Ctrl-C stops after the current dead
letter. A killed redrive can be repeated: for two minutes the broker refuses events that were sent already.`;

const filtered = <A extends unknown[], O extends OptionValues>(command: Command<A, O>) =>
  command
    .option(
      '--reason <word...>',
      'only those with one of these reasons, such as failed, timeout or expired',
      eachGiven,
    )
    .option('--id <id...>', 'only those of these events', eachGiven)
    .option('--limit <count>', 'only the oldest ones, at most this many', whole(1, 1_000_000))
    .option('--url <nats=url>', 'URL of the broker, instead of that of the running testbed', brokerUrlOf)
    .option('--json', 'print JSON and nothing else')
    .addHelpText(
      'after',
      '\nIf the broker requires a login, set SPILLWAY_NATS_CREDENTIALS to user:password.',
    );
