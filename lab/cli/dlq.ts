import type { Command, OptionValues } from '@commander-js/extra-typings';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { ageMsOf, brokerUrlOf, eachGiven, positive, whole } from './args.ts';

const commands = () => import('./dlq/commands.ts');

/** Adds the subcommands of `dlq`. `exit` sets the exit code. */
export function addDlqCommands(dlq: Command, exit: (code: Promise<number>) => Promise<void>): void {
  filtered(dlq.command('ls').description('list dead letters, the oldest first')).action(async (options) =>
    exit((await commands()).lsCommand(options)),
  );
  common(
    dlq
      .command('show')
      .description('show all that is known of events that died')
      .argument('<id...>', 'ids of events', eachGiven),
  ).action(async (ids, options) => exit((await commands()).showCommand(ids, options)));
  filtered(
    dlq
      .command('redrive')
      .description('send events to where they were published, and delete their letters')
      .option('--rate <number>', 'at most so many a second', positive(100_000), 100)
      .option('--dry-run', 'list what would be sent, and send nothing'),
  )
    .addHelpText('after', redriveHelp)
    .action(async (options) => exit((await commands()).redriveCommand(options)));
  filtered(
    dlq
      .command('purge')
      .description('delete dead letters for good')
      .option('--dry-run', 'list what would be deleted, and delete nothing')
      .option('-y, --yes', "don't ask"),
  ).action(async (options) => exit((await commands()).purgeCommand(options)));
  for (const command of dlq.commands)
    command.showHelpAfterError(`(see ${commandLine(['dlq', command.name(), '--help'])})`);
}

const redriveHelp = `
An event is sent without its caller's deadline, and its attempts are counted on. Ctrl-C ends after the letter under way,
and repeating a redrive does no harm, also one that was killed or goes on elsewhere: Spillway's consumer does the event
of each letter once. Another consumer can tell by the header Spillway-Letter.`;

const common = <A extends unknown[], O extends OptionValues>(command: Command<A, O>) =>
  command
    .option('--url <nats=url>', 'where the broker is, instead of in the testbed that is up', brokerUrlOf)
    .option('--json', 'print JSON and nothing else')
    .addHelpText(
      'after',
      '\nA broker that wants credentials gets those in SPILLWAY_NATS_CREDENTIALS (user:password).',
    );

const filtered = <A extends unknown[], O extends OptionValues>(command: Command<A, O>) =>
  common(
    command
      .option(
        '--reason <word...>',
        'only those given up for one of these, as failed, timeout or expired',
        eachGiven,
      )
      .option('--id <id...>', 'only those of these events', eachGiven)
      .option('--older-than <time>', 'only those dead for so long, as in 90s, 5min, 2h or 1.5d', ageMsOf)
      .option('--newer-than <time>', 'only those dead for less', ageMsOf)
      .option('--limit <count>', 'of these only so many of the oldest', whole(1, 1_000_000)),
  );
