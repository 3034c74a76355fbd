import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { aborted, type Clock, systemClock } from '#kit/clock.ts';
import { clockId } from '#kit/process/clock-id.ts';
import { urlsIn } from '#kit/urls.ts';
import { type Program, programOf, titleOf } from '#lab/experiment/programs.ts';
import { neededVariables, unsetVariables } from '#lab/experiment/request.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { serviceNames } from '#lab/kit/topology/names.ts';
import { callers } from '#lab/kit/topology/paths.ts';
import { announceTo } from './announcement.ts';
import { openBroker } from './broker.ts';
import { ClientError } from './client-error.ts';
import { Control, controlsOf } from './control.ts';
import { ServiceControl } from './controls.ts';
import { Generator, type GeneratorPlace, type LoadGenerator } from './generator.ts';
import { type Caller, type Engine, orStop, type Testbed } from './testbed.ts';
import { atFullSpeedOnly, unsupported } from './unsupported.ts';
import type { OpenRun, OpenTestbed, Testbeds, World } from './world.ts';

interface SocketOptions {
  /** Starts the load generator of a testbed. @default a process of this machine */
  readonly openGenerator?: ((place: GeneratorPlace) => LoadGenerator) | undefined;
  readonly clock?: Clock;
}

/** Returns the world of an engine. All variants of a run share one testbed of processes. */
export function onSockets(
  engine: Engine,
  { openGenerator = (place) => new Generator(place), clock = systemClock }: SocketOptions = {},
): World {
  return {
    name: engine.name,
    atFullSpeedOnly: atFullSpeedOnly(engine),
    incomparable: engine.incomparable,
    unsupported: (experiment) => [
      ...unsupported(experiment, engine),
      ...unsetVariables(experiment, process.env),
    ],
    stopwatch() {
      const startMs = clock.now();
      return { now: () => clock.now() - startMs, add() {} };
    },
    open: (run) => open(run, { ...engine, openGenerator, clock }),
  };
}

/** Variables by which Node finds more certificate authorities. */
const authorities = ['NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/** Returns the environment of the generator. Secrets reach it only this way, so they are in no command. */
function generatorEnv(experiment: Experiment): Record<string, string> {
  const given = authorities.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { ...Object.fromEntries(given), ...neededVariables(experiment, process.env) };
}

type Means = Pick<Engine, 'start'> & { readonly [K in keyof SocketOptions]-?: NonNullable<SocketOptions[K]> };

/** Starts a testbed and connects to it. After a rejection, nothing is left running. */
async function open(
  { file: { experiment, file = '' }, folder, signal }: OpenRun,
  { start, openGenerator, clock }: Means,
): Promise<Testbeds> {
  const logFolder = join(folder, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const testbed = await start(logFolder, signal, experiment);
  const connect = async (): Promise<Testbeds> => {
    // Viewers read the announcements from one replica, so the others get none.
    const [downstreamUrl = ''] = urlsIn(testbed.control.downstream);
    const announced = new Control('downstream', downstreamUrl, testbed.controlToken);
    const announcement = announceTo(announced, clock);
    const controls = controlsOf(testbed);
    const broker = await openBroker(testbed, testbed.died, aborted(signal));
    const logFile = join(logFolder, 'generator.log');
    const newGenerator = () =>
      openGenerator({ logFile, guard: testbed.guard, env: generatorEnv(experiment) });
    let shared: OpenTestbed = {
      ...{ testbed, controls, generator: newGenerator(), announcement, broker, clock, clockId },
      inProcess: false,
      offline: (work) => work,
    };
    const startCaller = callerStarter(testbed);
    return {
      nats: broker.info?.version ?? '',
      foreign: serviceNames.filter((name) => controls[name].isForeign),
      with: async ({ variant }, act) => {
        // The variant that measures the pace is not in the file, and has no program.
        const { [variant]: used } = experiment.variants;
        if (!used) return act(shared);
        const program = programOf(file, used);
        const caller = callers[used.path];
        // A server of the user has no control port.
        const own = program && 'command' in program ? { [caller]: new ServiceControl(new Map()) } : {};
        try {
          const isCold = await startCaller(caller, program);
          return await act({ ...shared, controls: { ...controls, ...own }, isCold });
        } catch (error) {
          const blamed = program ? blame(error, program, caller) : error;
          if (blamed instanceof ClientError) {
            await shared.generator.stop(); // it may still send
            shared = { ...shared, generator: newGenerator() };
          }
          throw blamed;
        }
      },
      async close() {
        await shared.generator.stop();
        await announcement.stop();
        await broker.close();
        await Promise.all(Object.values(controls).map((control) => control?.close()));
        await testbed.stop();
      },
    };
  };
  return orStop(testbed, connect());
}

/**
 * Returns a function that makes a caller run a program of the user, and all other callers Spillway's own. Resolves with
 * true if the caller has been started since its last variant.
 */
function callerStarter(testbed: Testbed) {
  const replaced = new Set<Caller>();
  const cold = new Set<Caller>();
  const start = async (caller: Caller, program: Program | undefined) => {
    cold.add(caller);
    replaced.add(caller);
    await Promise.race([testbed.startCaller?.(caller, program), testbed.died]);
    if (!program) replaced.delete(caller);
  };
  return async (caller: Caller, program: Program | undefined): Promise<boolean> => {
    for (const each of [...replaced]) if (!program || each !== caller) await start(each, undefined);
    if (program) await start(caller, program);
    return cold.delete(caller);
  };
}

const endings = /-(died|start-failed|not-ready|unreachable)$/;

/** Returns a ClientError if the user's program is the cause of an error; else the error. */
function blame(error: unknown, program: Program, caller: Caller): unknown {
  if (!(error instanceof TestbedError && error.name.startsWith(caller) && endings.test(error.name)))
    return error;
  const hint = `: ${titleOf(program)} may block its event loop, as by an endless loop`;
  return new ClientError(`${error.message}${error.name.endsWith('unreachable') ? hint : ''}`, error);
}
