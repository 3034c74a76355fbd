import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Broker } from '#kit/broker/client.ts';
import { type Clock, systemClock } from '#kit/clock.ts';
import { urlsIn } from '#kit/urls.ts';
import { neededVariables } from '#lab/experiment/request.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { type ServiceName, serviceNames } from '#lab/experiment/topology/names.ts';
import type { Machine } from '#lab/judge/validity/slow-machine.ts';
import { openBroker } from '#lab/world/broker.ts';
import { Control, type Controls, controlsOf } from '#lab/world/control.ts';
import { aborted } from '#lab/world/readiness.ts';
import { type Engine, orStop, type Testbed } from '#lab/world/testbed.ts';
import type { Counts } from '#load/protocol.ts';
import type { OpenGenerator } from './agents/fleet.ts';
import { Generator, type LoadGenerator, processOf } from './agents/generator.ts';
import { Announcement } from './announcement.ts';

/** A running testbed with its control ports, broker connection and load generator, shared by the variants of a run. */
export interface OpenTestbed {
  readonly experiment: Experiment;
  readonly testbed: Omit<Testbed, 'guard'>;
  readonly controls: Controls;
  readonly generator: LoadGenerator;
  readonly announcement: Announcement;
  readonly broker: Broker;
  /** Folder of the run. It has a folder for each variant. */
  readonly folder: string;
  /** Paths that a variant has already warmed up. */
  readonly warmed: Set<string>;
  /** True for a control: faults are no-ops. */
  readonly withoutFaults: boolean;
  /** Factor by which slow motion multiplies all durations; 1 at full speed. */
  readonly slowMotion: number;
  readonly machine: Machine;
  /** Errors of faults that could not be cleared. */
  readonly uncleared: unknown[];
  readonly clock: Clock;
  /** True in a simulation: all processes have the lab's clock, and their logs are never damaged. */
  readonly isSimulated: boolean;
  /** Waits for real work. In a simulation, the virtual clock stands still until the work is done. */
  readonly offline: <T>(work: Promise<T>) => Promise<T>;
  /** False to record no samples, which only series and recoveries need. @default true */
  readonly samples?: boolean | undefined;
  /** Longest wait until services are idle or recovered after the drain. @default the experiment's `drainMs` */
  readonly idleMaxMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** Returns the foreign services: those that are not Spillway's. */
export const foreignOn = ({ testbed }: Pick<OpenTestbed, 'testbed'>): ServiceName[] =>
  serviceNames.filter((name) => testbed.control[name] === undefined);

/** Work that a drain waits for: calls or deliveries at the caller, and attempts at downstream. */
export interface AtWork {
  readonly calls: number;
  /** Includes attempts whose caller has given up. */
  readonly attempts: number;
}

/** Progress of a stage, in real time. */
export interface StageProgress {
  readonly elapsedMs: number;
  /** Maximum length of the stage. */
  readonly maxMs: number;
  /** Requests in flight, as the generator counts them; undefined outside the load. */
  readonly inFlight?: number;
  /** Work that the drain waits for. Undefined at its start, and while services recover. */
  readonly atWork?: AtWork;
  /** Counts of the requests sent in this stage. */
  readonly counts?: Counts;
}

export interface VariantTestbed extends OpenTestbed {
  readonly onProgress: (stage: 'warm-up' | 'run' | 'drain', progress?: StageProgress) => void;
  /** Receives the start time of the load. */
  readonly onStart?: (atMs: number) => void;
}

const oneProcess: OpenGenerator = async ({ logFolder, guard, env }) =>
  new Generator(processOf({ guard, env, logFile: join(logFolder, 'generator.log') }));

export interface OpenOptions {
  readonly folder: string;
  readonly startTestbed: Engine['start'];
  /** Starts the load generator. @default one process of this machine */
  readonly openGenerator?: OpenGenerator | undefined;
  /** True for a control: faults are no-ops, and the result says so. */
  readonly withoutFaults?: boolean | undefined;
  /** Interrupts the run when it aborts. The run then clears its faults and stops the testbed. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Variables by which Node finds more certificate authorities. */
const authorities = ['NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/** Returns the environment of the generator. Secrets reach it only this way, so they are in no command. */
function generatorEnv(experiment: Experiment): Record<string, string> {
  const given = authorities.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { ...Object.fromEntries(given), ...neededVariables(experiment, process.env) };
}

/** Starts a testbed and connects to it. After a rejection, nothing is left running. */
export async function openTestbed(
  experiment: Experiment,
  machine: Machine,
  options: OpenOptions,
): Promise<OpenTestbed> {
  const { folder, startTestbed, openGenerator = oneProcess, withoutFaults = false, signal } = options;
  const { clock = systemClock } = options;
  const logFolder = join(folder, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const testbed = await startTestbed(logFolder, signal, experiment);
  const connect = async (): Promise<OpenTestbed> => {
    // Viewers read the announcements from one replica, so the others get none.
    const [downstreamUrl = ''] = urlsIn(testbed.control.downstream);
    const announcement = new Announcement(
      new Control('downstream', downstreamUrl, testbed.controlToken),
      clock,
    );
    const controls = controlsOf(testbed);
    const broker = await openBroker(testbed, testbed.died, aborted(signal));
    const { guard } = testbed;
    const brokerId = broker.info?.server_id;
    const place = { logFolder, guard, env: generatorEnv(experiment), brokerId };
    const generator = await openGenerator(place).catch(async (error) => {
      await broker.close();
      await closeControls(controls);
      throw error;
    });
    return {
      ...{ experiment, testbed, broker, folder, machine, withoutFaults, clock, signal },
      ...{ controls, generator, announcement },
      warmed: new Set(),
      slowMotion: 1,
      isSimulated: false,
      uncleared: [],
      offline: (work) => work,
    };
  };
  return orStop(testbed, connect());
}

/** Stops generator, announcements and connections, and then the testbed. */
export async function closeTestbed(open: OpenTestbed): Promise<void> {
  await open.generator.stop();
  await open.announcement.stop();
  await open.broker.close();
  await closeControls(open.controls);
  await open.testbed.stop();
}

async function closeControls(controls: Controls): Promise<void> {
  await Promise.all(Object.values(controls).map((control) => control?.close()));
}
