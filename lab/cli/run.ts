import { type Command, Option } from '@commander-js/extra-typings';
import { slowMotionMax } from '#lab/experiment/rules.ts';
import type { LineOf } from '#lab/explore/exploration.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { engineNames, parts } from '#lab/world/testbed.ts';
import { factorOf, given, urlOf } from './args.ts';
import { namesTestbed, testbedInEnvironment } from './environment.ts';
import { lineTo } from './live.ts';
import { experiments, json, label, only, out, quiet, repeat, repeater, seed } from './options.ts';

const declare = (program: Command) =>
  program
    .command('run')
    .description('run experiments, each on a new testbed, and judge them')
    .addArgument(experiments())
    .addOption(out().conflicts('into'))
    .addOption(label().conflicts('into'))
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
      '--into <run>',
      'with --only: conduct these variants of a stored run again, and judge it with them; all tries are kept',
      given,
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
  local    processes of this machine, started for the run
  compose  containers of docker-compose.yml, in a project for the run (all faults)
  attach   a testbed that already runs, of spillway up or --url (only downstream's own faults)

With only --url gateway=…, your service replaces Spillway's gateway: it accepts POST /rpc, or what the file says in
request:, and calls downstream. Secrets come from SPILLWAY_CONTROL_TOKEN and SPILLWAY_NATS_CREDENTIALS (user:password),
and those in request: from the variables that it names.
With load-control, the run pauses the load of docker compose up. SPILLWAY_URLS may have the URLs.

Examples:
  ${commandLine(['run', '--slow-motion', 'auto', '01-burst'])}
  ${commandLine(['run', '--only', 'retries,budget', '--repeat', '10', 'mine.yaml'])}`,
    );

type Options = ReturnType<ReturnType<typeof declare>['opts']>;

export function addRun(program: Command): void {
  const command = declare(program);
  const lineOf = repeater(command);
  command.action((files, options) => run(files, options, lineOf));
}

/** Runs experiment 00 of the course at a pace that this machine can measure. */
export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('run experiment 00, in slow motion if this machine is slow')
    .addOption(out());
  const lineOf = repeater(command, 'run');
  const options = { slowMotion: 'auto', engine: 'local', predict: true } as const;
  command.action(({ out }) => run(['00-demo'], { ...options, out }, lineOf));
}

/** Runs experiments one after another. Checks all files before the first experiment starts. */
async function run(paths: readonly string[], options: Options, lineOf: LineOf): Promise<void> {
  const { engine, withoutFaults, predict, into } = options;
  const { readPlanned } = await import('#lab/conduct/read-planned.ts');
  const { rerunOf } = await import('#lab/conduct/rerun.ts');
  const { folderOf } = await import('#lab/conduct/run-folder.ts');
  const { worldOf } = await import('#lab/world/engines.ts');
  const { conductFiles } = await import('./conducting.ts');
  const say = lineTo(process.stderr);
  const engineOptions = {
    urls: options.url ?? {},
    ownConsumer: options.ownConsumer ?? false,
    ...(engine === 'attach' && testbedInEnvironment()),
    ...(!options.quiet && !options.json && { say }),
  };
  const world = worldOf(engine, engineOptions);
  const files = readPlanned(paths, world, options, misplaced(options, paths));
  const line: LineOf = (file, changes) => lineOf(file, { ...changes, ...changedFlags(options) });
  process.exitCode = await conductFiles(files, options, {
    ...{ world, withoutFaults, predict, lineOf: line },
    ...(into !== undefined && { rerun: await rerunOf(folderOf(into), files[0]!, (file) => line(file, {})) }),
  });
}

/** Reports options that only another engine has, or that need another option. */
const misplaced = ({ engine, url, ownConsumer, into, only }: Options, paths: readonly string[]): string[] => [
  ...(engine !== 'attach' && (url || ownConsumer)
    ? ['expected --engine attach beside --url or --own-consumer']
    : []),
  ...(into !== undefined && (!only || paths.length > 1)
    ? ['expected --only beside --into, with the variants to conduct again, and one file']
    : []),
];

/**
 * Flags that the line that repeats a run has in another form: the engine also if the environment chose it, and instead
 * of `auto` the factor that was measured.
 */
const changedFlags = ({ engine, slowMotion }: Options) => ({
  engine: engine === 'local' ? undefined : engine,
  ...(slowMotion === 'auto' && { 'slow-motion': undefined }),
});
