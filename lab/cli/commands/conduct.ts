import { type Command, Option } from '@commander-js/extra-typings';
import { agentsUrlOf, factorOf, overheadOf, urlOf, whole } from '#lab/cli/args.ts';
import { namesTestbed } from '#lab/cli/environment.ts';
import { slowMotionMax } from '#lab/experiment/rules.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { engineNames, parts } from '#lab/world/testbed.ts';
import { agentsMax } from '#load/share.ts';
import { exit, experiments, json, only, out, quiet, repeat, seed } from './options.ts';

export function addRun(program: Command): void {
  program
    .command('run')
    .description('run experiments, each on a new testbed, and judge them')
    .addArgument(experiments())
    .addOption(out())
    .addOption(seed("seed, instead of the file's"))
    .addOption(repeat())
    .option(
      '--slow-motion <factor>',
      "multiplies every duration and divides every rate, as in the file's slowMotion; auto picks 1, 2, 4 or 8",
      factorOf(slowMotionMax),
    )
    .option('--without-faults', 'a control run: inject no faults, and judge the same hypotheses')
    .addOption(
      only('conduct only these variants, as in a,b, and judge the hypotheses that name no other; repeatable'),
    )
    .option(
      '--agents <number>',
      'number of load agents among which the requests are divided; without --agents-at they start here, as processes',
      whole(1, agentsMax),
    )
    .option(
      '--agents-at <url>',
      'NATS server at which load agents have joined; all of them are used, unless --agents has a number',
      agentsUrlOf,
    )
    .option('--no-predict', 'do not simulate the experiment afterwards for comparison')
    .addOption(json().conflicts(['quiet', 'verbose']))
    .addOption(quiet())
    .option('-v, --verbose', 'print every stage of each variant, and all details')
    .addOption(
      new Option('-e, --engine <name>', 'engine that runs the testbed')
        .choices(engineNames)
        .default(namesTestbed() ? ('attach' as const) : ('local' as const)),
    )
    .option(
      '--url <part=url>',
      `with attach: URL of a part, instead of that of the running testbed; one of ${parts.join(', ')}`,
      urlOf,
    )
    .option('--own-consumer', "with attach: your consumer replaces Spillway's")
    .addHelpText(
      'after',
      `
Rounds (--repeat, or repeat: in the file): each runs all variants with the next seed, beginning with the next variant.
Each round has new processes, except with attach, and a separate report in rounds/<seed>. Figures get intervals, and
hypotheses are judged over all rounds.

Engines:
  local    processes of this machine, started for the run (all faults but disconnect)
  compose  containers of docker-compose.yml, in a project for the run (all faults)
  attach   a testbed that already runs: that of spillway up, or the one given with --url (only downstream's own faults).
           With only --url gateway=…, your service replaces Spillway's gateway: it accepts POST /rpc, or what the file
           says in request:, and calls downstream. Secrets come from SPILLWAY_CONTROL_TOKEN and
           SPILLWAY_NATS_CREDENTIALS (user:password), and those in request: from the variables that it names.
           With load-control, the run pauses the load of docker compose up. SPILLWAY_URLS may have the URLs.

Examples:
  ${commandLine(['run', '--slow-motion', 'auto', '01-burst'])}
  ${commandLine(['run', '--only', 'retries,budget', '--repeat', '10', 'mine.yaml'])}`,
    )
    .action(async (files, options) => exit((await import('#lab/cli/run.ts')).runCommand(files, options)));
}

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description(
      "conduct experiments in virtual time, with the services' own logic but no sockets, and judge them",
    )
    .addArgument(experiments())
    .addOption(out())
    .addOption(seed("seed, instead of the file's"))
    .addOption(repeat())
    .addOption(
      only(
        'simulate only these variants, as in a,b, and judge the hypotheses that name no other; repeatable',
      ),
    )
    .option(
      '--overhead <hop=ms,...>',
      'time that a hop adds to each call, as in gateway=2,downstream=1.5',
      overheadOf,
    )
    .addOption(json().conflicts(['quiet', 'verbose']))
    .addOption(quiet())
    .option('-v, --verbose', 'print all details')
    .addHelpText(
      'after',
      `
The same seed gives the same evidence, but for the first record and the checksum over it. A broker of several servers
is refused, and so are the faults disconnect, bandwidth, slicer, slow-close and limit-data.

Example:
  ${commandLine(['simulate', '--seed', '3', 'mine.yaml'])}`,
    )
    .action(async (files, options) =>
      exit((await import('#lab/cli/simulate.ts')).simulateCommand(files, options)),
    );
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('run experiment 00 of the course, in slow motion if this machine is slow')
    .addOption(out())
    .action(async (options) => exit((await import('#lab/cli/run.ts')).demoCommand(options)));
}
