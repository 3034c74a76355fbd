import { Option, program } from '@commander-js/extra-typings';
import { version } from '#kit/process/installation.ts';
import { seedMax } from '#kit/schema/schema.ts';
import { withoutPasswords } from '#kit/urls.ts';
import {
  argErrors,
  collectArgErrors,
  eachGiven,
  factorOf,
  given,
  marginOf,
  namesOf,
  overheadOf,
  portBase,
  portBaseMax,
  positive,
  urlOf,
  whole,
} from './cli/args.ts';
import { addDlqCommands } from './cli/dlq.ts';
import { refuseLostFolder, watchOutput } from './cli/interrupt.ts';
import { varyOf } from './cli/vary.ts';
import { exitCodes, meanings } from './errors/exit-codes.ts';
import { InputError } from './errors/input-error.ts';
import { TestbedError } from './errors/testbed-error.ts';
import { repeatMax, slowMotionMax } from './experiment/rules.ts';
import { commandLine } from './testbed/process/command-line.ts';
import { engineNames, parts } from './testbed/testbed.ts';
import { printable } from './text/printable.ts';

async function exit(code: Promise<number>): Promise<void> {
  process.exitCode = await code;
}

const shown = (text: string): string => printable(withoutPasswords(text));

const aboutPaths = `Paths: names and indices, as in load[1].arrivals.ratePerSecond or deadlineMs. An index may be left out where one entry
has the field, as in variants.budget.policies.retry.maxRetries.`;

const experiments = 'experiment files, or names of the course, as in 01-burst or 01';

refuseLostFolder();
watchOutput();

program
  // Called before the commands are added, since each command copies this configuration when it is added.
  .configureOutput({
    outputError: (text, write) => write(shown([...argErrors.splice(0), text].join('\n'))),
  })
  .name(commandLine())
  .description('Shows, measures and proves what happens to systems when a dependency slows down.')
  .version(version)
  .addHelpText(
    'after',
    `
Exit codes:
${Object.values(exitCodes)
  .map((code) => `  ${String(code).padEnd(5)}${meanings[code]}`)
  .join('\n')}
  compare --margin also ends with 99 if a figure got worse.

Examples:
  ${commandLine(['run', '--slow-motion', 'auto', '01-burst'])}
  ${commandLine(['init', 'mine'])}
  ${commandLine(['compare', 'runs/01-burst/A', 'runs/01-burst/B'])}`,
  )
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : exitCodes.badInput);
  })
  .hook('preAction', async (_, command) => {
    if (argErrors.length === 0) return;
    const { readEach } = await import('./experiment/read.ts');
    const { problems } = readEach(
      ['run', 'simulate', 'sweep', 'tune', 'search'].includes(command.name())
        ? command.args.filter(Boolean)
        : [],
    );
    command.error([...argErrors.splice(0), ...problems].join('\n'));
  });

program
  .command('run')
  .description('run experiments, each on a new testbed, and judge them')
  .argument('<file...>', experiments, eachGiven)
  .option('-o, --out <folder>', 'folder for the results of runs', given, 'runs')
  .option('-s, --seed <number>', "seed, instead of the file's", whole(0, seedMax))
  .option(
    '-r, --repeat <rounds>',
    "number of rounds, instead of the file's; each uses the next seed",
    whole(1, repeatMax),
  )
  .option(
    '--capacity <perSecond>',
    "for experiments with capacity: the dependency's capacity, instead of measuring it",
    positive(100_000),
  )
  .option(
    '--slow-motion <factor>',
    "multiplies every duration and divides every rate, as in the file's slowMotion; auto picks 1, 2, 4 or 8",
    factorOf(slowMotionMax),
  )
  .option('--without-faults', 'a control run: inject no faults, and judge the same hypotheses')
  .option(
    '--only <variants>',
    'conduct only these variants, as in a,b, and judge the hypotheses that name no other; repeatable',
    namesOf,
  )
  .option('--no-predict', 'do not simulate the experiment afterwards for comparison')
  .addOption(
    new Option('--json', 'print the result as JSON and nothing else').conflicts(['quiet', 'verbose']),
  )
  .addOption(
    new Option(
      '-q, --quiet',
      'print the verdict, failed hypotheses and the path of the report, and nothing else',
    ).conflicts('verbose'),
  )
  .option('-v, --verbose', 'print every stage of each variant, and all details')
  .option('--open', 'open the report in the browser')
  .addOption(
    new Option('-e, --engine <name>', 'engine that runs the testbed')
      .choices(engineNames)
      .default('local' as const),
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

Examples:
  ${commandLine(['run', '--slow-motion', 'auto', '--open', '01-burst'])}
  ${commandLine(['run', '--only', 'retries,budget', '--repeat', '10', 'mine.yaml'])}`,
  )
  .action(async (files, options) => exit((await import('./cli/run.ts')).runCommand(files, options)));

program
  .command('simulate')
  .description(
    "conduct experiments in virtual time, with the services' own logic but no sockets, and judge them",
  )
  .argument('<file...>', experiments, eachGiven)
  .option('-o, --out <folder>', 'folder for the results of runs', given, 'runs')
  .option('-s, --seed <number>', "seed, instead of the file's", whole(0, seedMax))
  .option(
    '-r, --repeat <rounds>',
    "number of rounds, instead of the file's; each uses the next seed",
    whole(1, repeatMax),
  )
  .option(
    '--capacity <perSecond>',
    "for experiments with capacity: the dependency's capacity, instead of simulating its measurement",
    positive(100_000),
  )
  .option(
    '--only <variants>',
    'simulate only these variants, as in a,b, and judge the hypotheses that name no other; repeatable',
    namesOf,
  )
  .option(
    '--overhead <hop=ms,...>',
    'time that a hop adds to each call, as in gateway=2,downstream=1.5',
    overheadOf,
  )
  .addOption(
    new Option('--json', 'print the result as JSON and nothing else').conflicts(['quiet', 'verbose']),
  )
  .addOption(
    new Option(
      '-q, --quiet',
      'print the verdict, failed hypotheses and the path of the report, and nothing else',
    ).conflicts('verbose'),
  )
  .option('-v, --verbose', 'print all details')
  .option('--open', 'open the report in the browser')
  .addHelpText(
    'after',
    `
The same seed gives the same evidence, but for the first record. The fault disconnect is
not simulated yet, and refused.

Example:
  ${commandLine(['simulate', '--seed', '3', 'mine.yaml'])}`,
  )
  .action(async (files, options) =>
    exit((await import('./cli/simulate.ts')).simulateCommand(files, options)),
  );

program
  .command('sweep')
  .description('simulate an experiment over a grid of values, with several seeds for each point')
  .argument('<file>', 'an experiment file, or the name of one of the course', given)
  .requiredOption('--vary <path=values>', 'number of the file and its values; repeatable', varyOf)
  .option('--seeds <number>', 'number of seeds for each point', whole(1, 1000), 20)
  .option('-s, --seed <number>', "first seed, instead of the file's", whole(0, seedMax))
  .option('--only <variants>', 'simulate only these variants, as in a,b; repeatable', namesOf)
  .option('-o, --out <folder>', 'folder for the results of runs', given, 'runs')
  .option(
    '--verify <number>',
    'also run this many points on sockets, those nearest to where a probability crosses 0.5',
    whole(1, 100),
  )
  .option('-y, --yes', 'simulate even if it takes more than an hour')
  .option('--json', 'print the result as JSON and nothing else')
  .addHelpText(
    'after',
    `
${aboutPaths}
Values: 0..5, 40..200/10 (with a step) or 1,2,5. load*=0.5..2 scales all rates of the load.

A sweep that was interrupted resumes if the same command runs again and the file is the same.

Examples:
  ${commandLine(['sweep', '05', '--only', 'three-tries', '--vary', 'load*=0.5..1.5'])}
  ${commandLine(['sweep', 'mine.yaml', '--vary', 'variants.budget.policies.retry.maxRetries=0..5'])}`,
  )
  .action(async (file, options) => exit((await import('./cli/sweep.ts')).sweepCommand(file, options)));

program
  .command('tune')
  .description('find values with which hypotheses hold in 95 % of the seeds, and write the changed file')
  .argument('<file>', 'an experiment file, or the name of one of the course', given)
  .requiredOption('--vary <path=range>', 'number of the file and its range; repeatable', varyOf)
  .requiredOption('--require <hypothesis>', 'what must hold; repeatable', eachGiven)
  .option('--minimize <metric>', 'choose the value with the smallest mean, as in p99(budget)', given)
  .option('--maximize <metric>', 'choose the value with the greatest mean, as in goodput(budget)', given)
  .option('--seeds <number>', 'number of seeds for each value', whole(1, 1000), 20)
  .option('-s, --seed <number>', "first seed, instead of the file's", whole(0, seedMax))
  .option('--only <variants>', 'simulate only these variants, as in a,b; repeatable', namesOf)
  .option('-w, --write <file>', 'the changed file (default: NAME-tuned.yaml in the current folder)', given)
  .option('-o, --out <folder>', 'folder for the results of runs', given, 'runs')
  .addHelpText(
    'after',
    `
${aboutPaths}
Ranges: 0..5 or 40..200/10 (with a step). Without a metric one path is varied, and the value at the end that the
hypotheses limit is chosen.

Example:
  ${commandLine(['tune', '05', '--only', 'budget', '--vary', 'variants.budget.policies.budget.ratio=0..1', '--require', 'goodput(budget, phase later) > 0.9'])}`,
  )
  .action(async (file, options) => exit((await import('./cli/tune.ts')).tuneCommand(file, options)));

program
  .command('search')
  .description('look for values with which a hypothesis fails, and write the file with the smallest change')
  .argument('<file>', 'an experiment file, or the name of one of the course', given)
  .requiredOption('--within <path=range>', 'number of the file and its range; repeatable', varyOf)
  .option('--points <number>', 'number of random points', whole(1, 100_000), 500)
  .option('--seeds <number>', 'number of seeds, of which 80 % must fail', whole(1, 1000), 5)
  .option('-s, --seed <number>', "first seed, instead of the file's", whole(0, seedMax))
  .option('--only <variants>', 'simulate only these variants, as in a,b; repeatable', namesOf)
  .option('-w, --write <file>', 'the changed file (default: NAME-failing.yaml in the current folder)', given)
  .option('-o, --out <folder>', 'folder for the results of runs', given, 'runs')
  .addHelpText(
    'after',
    `
${aboutPaths}
Ranges: 0..5 or 40..200/10 (with a step). Ends with 99 if a hypothesis fails, and with 0 if none does.

Example:
  ${commandLine(['search', '05', '--only', 'bulkhead', '--within', 'load*=0.5..3', '--within', 'variants.bulkhead.policies.bulkhead.concurrency=1..200'])}`,
  )
  .action(async (file, options) => exit((await import('./cli/search.ts')).searchCommand(file, options)));

program
  .command('demo')
  .description('run experiment 00 of the course, in slow motion if this machine is slow')
  .option('-o, --out <folder>', 'folder for the results of runs', given, 'runs')
  .option('--open', 'open the report in the browser')
  .action(async (options) => exit((await import('./cli/run.ts')).demoCommand(options)));

program
  .command('validate')
  .description('check experiment files without running them; warn about policies that can never act')
  .argument('<file...>', experiments, eachGiven)
  .action(async (files) => exit((await import('./cli/validate.ts')).validateCommand(files)));

program
  .command('list')
  .description('list experiments (name, least minutes, level, question) or stored runs (kind, status)')
  .argument('[folder]', 'where experiments or runs are (default: the course)', given)
  .action(async (folder) => exit((await import('./cli/list.ts')).listCommand(folder)));

program
  .command('init')
  .description('write a small experiment with comments into the current folder, to change and run')
  .argument('<name>', 'name of the experiment, as in mine for mine.yaml', given)
  .action(async (name) => exit((await import('./cli/init.ts')).initCommand(name)));

program
  .command('report')
  .description("write a run's report again from its result.json")
  .argument('<run>', 'the folder of a run, or a file in it', given)
  .action(async (folder) => exit((await import('./cli/report.ts')).reportCommand(folder)));

program
  .command('judge')
  .description('judge stored runs again from their evidence, without running them')
  .argument('<run...>', 'the folders of runs, or a file in each', eachGiven)
  .option('--experiment <file>', "judge by this experiment instead of the run's", given)
  .option('-o, --out <folder>', 'folder for the results (default: judged/ in the folder of the run)', given)
  .option('--json', 'print the result as JSON and nothing else')
  .addHelpText(
    'after',
    `
With the same experiment the result is the same. Another one may differ in title, description, hypothesis, steadyState,
recovery, tolerance, validity, and the description and predicted of its variants. It may differ in deadlineMs unless a
policy forwarded that. The evidence does not cover other changes. An existing result is never replaced: only a run that
was killed before it had one gets it in its own folder. Exit codes are those of run.`,
  )
  .action(async (runs, options) => exit((await import('./cli/judge.ts')).judgeCommand(runs, options)));

program
  .command('compare')
  .description('compare two runs')
  .argument('<before>', 'the folder of a run, or a file in it', given)
  .argument('<after>', 'the folder of another run, or a file in it', given)
  .option(
    '-m, --margin <share>',
    'end with 99 when a figure of any variant is worse by more than this, such as 5% or 0.05',
    marginOf,
  )
  .addHelpText(
    'after',
    `
Runs with rounds (run --repeat) show whether each figure is better, worse, or no different, with the 95 % interval of
the difference. A capacity that both runs measured is also a figure. The margin is relative to the figure before, and in
points for shares such as goodput. A figure is worse by more than the margin if its whole interval is. Errors, retries,
wasted effects and latencies count as worse only if no more work is done, and as better only if no less is.

With a margin compare ends with 0, 99, or with 90 if either measurement was invalid or ended early. Both sides need 5
rounds or more. Both run with faults, or both are control runs (run --without-faults). The second has every variant of the
first.`,
  )
  .action(async (before, after, options) =>
    exit((await import('./cli/compare.ts')).compareCommand(before, after, options)),
  );

program
  .command('calibrate')
  .description("measure the capacity of an experiment's dependency under a timeout")
  .argument('<file>', 'an experiment file, or the name of one of the course', given)
  .option('-t, --timeout <ms>', "timeout, instead of the file's", positive(60_000))
  .option('-o, --out <folder>', 'folder for the results of runs', given, 'runs')
  .option('--json', 'print the result as JSON and nothing else')
  .addHelpText(
    'after',
    `
The capacity is the highest rate of attempts, without retries, at which at most 5 % time out. For experiments with a load
relative to it (capacity: { nominalPerSecond, timeoutMs }), run measures it first.`,
  )
  .action(async (file, options) =>
    exit((await import('./cli/calibrate.ts')).calibrateCommand(file, options)),
  );

program
  .command('up')
  .description('start a testbed on fixed ports, which the other commands find')
  .option('--foreground', 'stay in the foreground until interrupted')
  .option(
    '--port-base <number>',
    `the first port; the others are up to 50 above it (default: ${portBase})`,
    whole(1024, portBaseMax),
  )
  .action(async (options) => exit((await import('./cli/up.ts')).upCommand(options)));

program
  .command('down')
  .description('stop the testbed that `up` started')
  .action(async () => exit((await import('./cli/up.ts')).downCommand()));

addDlqCommands(program.command('dlq').description('list, redrive or delete dead letters'), exit);

collectArgErrors(program);

try {
  await program.parseAsync();
} catch (error) {
  const isInput = error instanceof InputError;
  const isNamed = isInput || error instanceof TestbedError;
  const text = isNamed ? (error as Error).message : ((error as Error).stack ?? String(error));
  process.stderr.write(`${shown(text)}\n`);
  process.exitCode = isInput ? exitCodes.badInput : exitCodes.internal;
}
