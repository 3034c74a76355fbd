import { type Fleet, processFleet, tooFewFor } from '#lab/conduct/agents/fleet.ts';
import { joinedFleet } from '#lab/conduct/agents/joined.ts';
import { notSimulated, predict } from '#lab/conduct/predict.ts';
import { run } from '#lab/conduct/run.ts';
import { insteadOf } from '#lab/experiment/check.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type ExperimentFile, readEach } from '#lab/experiment/read.ts';
import { unsetVariables } from '#lab/experiment/request.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { atFullSpeedOnly, engines, unsupported } from '#lab/world/engines.ts';
import type { Flags } from '#lab/world/process/command-line.ts';
import { tooFewFiles } from '#lab/world/process/proc.ts';
import type { Engine, EngineName, EngineOptions } from '#lab/world/testbed.ts';
import { type ConductingOptions, conductFiles } from './conduct.ts';
import { testbedInEnvironment } from './environment.ts';
import { interruptible } from './interrupt.ts';
import { lineTo } from './progress.ts';

interface RunCommandOptions extends ConductingOptions {
  readonly slowMotion?: number | 'auto';
  readonly withoutFaults?: boolean;
  readonly engine: EngineName;
  readonly url?: EngineOptions['urls'];
  readonly ownConsumer?: boolean;
  readonly predict?: boolean;
  readonly agents?: number;
  readonly agentsAt?: string;
}

/** Runs experiments one after another. Checks all files before the first experiment starts. Returns the exit code. */
export async function runCommand(paths: readonly string[], options: RunCommandOptions): Promise<number> {
  const { agents, agentsAt: url } = options;
  if (url === undefined)
    return runWith(agents === undefined ? undefined : processFleet(agents), paths, options);
  filesOf(paths, options, agents); // reports problems before the wait for agents
  const join = (signal: AbortSignal) => joinedFleet({ url, count: agents, signal });
  const fleet = await interruptible(join, lineTo(process.stderr));
  if (!fleet) return exitCodes.interrupted;
  try {
    return await runWith(fleet, paths, options);
  } finally {
    await fleet.release();
  }
}

async function runWith(
  fleet: Fleet | undefined,
  paths: readonly string[],
  options: RunCommandOptions,
): Promise<number> {
  const engine = engineOf(options);
  return conductFiles(filesOf(paths, options, fleet?.names.length), options, {
    command: 'run',
    flags: flagsOf(options),
    withoutFaults: options.withoutFaults,
    agents: fleet?.names,
    predict: predictionOf(options),
    conduct: (file, parts) =>
      run(file, {
        ...parts,
        startTestbed: engine.start,
        openGenerator: fleet && ((place) => fleet.open(place)),
      }),
  });
}

const engineOf = (options: RunCommandOptions): Engine =>
  engines[options.engine]({
    urls: options.url ?? {},
    ownConsumer: options.ownConsumer ?? false,
    ...(options.engine === 'attach' && testbedInEnvironment()),
    ...(!options.quiet && !options.json && { say: lineTo(process.stderr) }),
  });

/** Reads the experiments. Throws InputError for problems in them, and for options that don't suit them. */
function filesOf(
  paths: readonly string[],
  options: RunCommandOptions,
  agents: number | undefined,
): ExperimentFile[] {
  const engine = engineOf(options);
  const tooSlow = slowMotionFlag(options, engine);
  const unsuited = (experiment: Experiment) => [
    ...unsupported(tooSlow ? { ...experiment, slowMotion: 1 } : experiment, engine),
    ...inVain(experiment, options),
    ...starved(experiment, engine),
    ...(agents === undefined ? [] : tooFewFor(agents, experiment)),
    ...unsetVariables(experiment, process.env),
  ];
  const { files, problems } = readEach(paths, insteadOf(options), unsuited, options.only);
  if (options.engine !== 'attach' && (options.url || options.ownConsumer))
    problems.unshift('expected --engine attach beside --url or --own-consumer');
  if (tooSlow) problems.unshift(tooSlow);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  return files;
}

const attached = 'Not simulated: a testbed that was attached may run other services and settings.';

/** Returns the simulation to run after each experiment, if any. */
function predictionOf({ engine, predict: isAsked = true }: RunCommandOptions): typeof predict | undefined {
  if (!isAsked) return undefined;
  return engine === 'attach' ? async ({ experiment }) => notSimulated(experiment, attached) : predict;
}

/** Runs experiment 00 of the course at a pace that this machine can measure. Returns the exit code. */
export const demoCommand = (options: ConductingOptions): Promise<number> =>
  runCommand(['00-demo'], { ...options, slowMotion: 'auto', engine: 'local' });

/** Reports flags without an effect on this experiment. */
const inVain = ({ faults }: Experiment, { withoutFaults }: RunCommandOptions): LocatedProblem[] =>
  withoutFaults && faults.length === 0
    ? [{ pointer: '', message: 'expected faults beside --without-faults' }]
    : [];

/** Reports a factor of `--slow-motion` that the engine doesn't support. */
function slowMotionFlag({ slowMotion = 1 }: RunCommandOptions, engine: Engine): string | undefined {
  const reason = slowMotion === 1 ? undefined : atFullSpeedOnly(engine);
  return reason && `--slow-motion ${slowMotion}: expected 1, since ${reason}`;
}

/** Reports a limit of open files that is too low for the experiment's connections. */
function starved({ connections, replicas }: Experiment, { name }: Engine): LocatedProblem[] {
  // With a foreign service, the generator opens connections only as needed.
  if (name === 'attach') return [];
  const message = tooFewFiles(connections * Math.max(replicas.gateway, replicas.publisher));
  return message === undefined ? [] : [{ pointer: '/connections', elsewhere: '', message }];
}

/** Returns the flags that a repetition of the run needs. */
const flagsOf = ({ slowMotion, engine, agentsAt, url = {}, ...options }: RunCommandOptions): Flags => ({
  'slow-motion': slowMotion === 'auto' ? undefined : slowMotion,
  'without-faults': options.withoutFaults || undefined,
  engine: engine === 'local' ? undefined : engine,
  'own-consumer': options.ownConsumer || undefined,
  agents: options.agents,
  'agents-at': agentsAt && `nats://${new URL(agentsAt).host}`,
  url: Object.entries(url).map(([part, at]) => `${part}=${at}`),
});
