import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fillAttempts } from '#lab/evidence/attempts.ts';
import { Growth } from '#lab/evidence/counter-deltas.ts';
import { belatedBeside, type Effects, readEffects } from '#lab/evidence/effects.ts';
import { EvidenceError, unreadable } from '#lab/evidence/evidence-error.ts';
import { evidenceFile, type Of } from '#lab/evidence/format.ts';
import { readVariant, type VariantEvidence } from '#lab/evidence/reader.ts';
import { type Requests, readRecord } from '#lab/evidence/requests.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import { type Configs, configsOf } from '#lab/experiment/configs.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { slowed } from '#lab/experiment/slow-motion.ts';
import type { HypothesisResult } from '#lab/result/result.ts';
import type { ServiceName, ServiceProcess } from '#lab/testbed/testbed.ts';
import { changedKeys } from '#lab/text/flatten.ts';
import type { BrokerOptions } from '#lab/topology/broker-options.ts';
import { callers, servicesBefore } from '#lab/topology/paths.ts';
import type { FirstErrors } from '#load/protocol.ts';
import { inOwnTime } from './own-time.ts';
import { type Sample, sampleOf } from './samples.ts';

type Fault = Experiment['faults'][number];

/** When a fault really began and ended. */
export interface Injected extends Omit<Of<'fault'>, 'record' | 'name'> {
  readonly fault: Fault;
}

/** Progress of a redrive at its end. */
export interface Redriven extends Omit<Of<'redrive'>, 'record'> {
  readonly plan: Experiment['redrives'][number];
}

/** Events that the broker still holds, by index unless ids are named. */
export interface Remains {
  /** In the work stream, beyond the consumer's ack floor. */
  readonly pending: ReadonlySet<number>;
  /** Ids of those at or below the ack floor: acknowledged, so no consumer gets them any more. */
  readonly behind: readonly string[];
  /** Ids of those after the ack floor that were delivered. Only `unacknowledged` of them can be delivered again. */
  readonly delivered: readonly string[];
  readonly unacknowledged: number;
  /** In the dead-letter stream. */
  readonly dead: ReadonlySet<number>;
  /** Number of redriven events that a consumer of Spillway's has taken. */
  readonly receipts: number;
  /** Deliveries since the run began; undefined if the broker or its consumer was restarted, and forgot some. */
  readonly deliveries?: number | undefined;
}

/** Everything observed of a variant, in the experiment's own time, not yet judged. */
export interface Observation {
  readonly name: string;
  readonly summary: Omit<Of<'summary'>, 'record'>;
  readonly requests: Requests;
  readonly effects: Effects;
  readonly remains: Remains | undefined;
  readonly samples: readonly Sample[];
  /** Growth of each service's counters. */
  readonly grown: Readonly<Record<ServiceName, Samples>>;
  /** Growth of each process's counters. */
  readonly each: ReadonlyMap<ServiceProcess, Samples>;
  /** Growth of downstream's counters while no fault stopped it. */
  readonly awake: Samples;
  /** Highest number of attempts at once in downstream, summed over replicas; null if unknown. */
  readonly peakInFlight: number | null;
  /** Processes that were killed and restarted. */
  readonly restarted: readonly ServiceProcess[];
  /** Services that are not Spillway's. */
  readonly foreign: readonly ServiceName[];
  /** Conditions of the steady state that failed before the first fault, so that none was injected. */
  readonly unsteady: readonly HypothesisResult[];
  /** Requests of the warm-up that came to no end before the load began, or attempts of theirs. */
  readonly unwarmed: number;
  /** Why requests of the warm-up came to no end, as far as the generator knows. */
  readonly warmUpErrors: FirstErrors;
  /** Attempts that downstream or its caller still worked on when the drain was over. */
  readonly atWork: number;
  readonly injected: readonly Injected[];
  readonly redriven: readonly Redriven[];
  /** Changes over the control ports that weren't the lab's, and faults in force before the load began. */
  readonly byHand: readonly string[];
  /** Stalls of all processes, including those that faults caused. */
  readonly stalls: Omit<Of<'stalls'>, 'record'>;
  readonly configs: Configs;
  /** Options of the broker; undefined if it is not Spillway's. */
  readonly ran: BrokerOptions | undefined;
  /** From the first scheduled time until downstream was idle or the drain was over. */
  readonly durationMs: number;
}

/** Location of a variant's evidence, and how it was conducted. */
export interface Source {
  readonly folder: string;
  readonly name: string;
  readonly foreign: readonly ServiceName[];
  /** Factor of all durations. */
  readonly slowMotion: number;
  /** The experiment as it was conducted, if it is judged by another one. */
  readonly conducted?: Experiment;
}

/** Reads what was observed of a variant of an experiment. Rejects with EvidenceError. */
export async function readObservation(experiment: Experiment, source: Source): Promise<Observation> {
  const { folder, name, foreign, slowMotion, conducted = experiment } = source;
  const evidence = await readVariant(folder, experiment, name);
  refuseOther(experiment, evidence, source);
  const { summary, remains, stalls, end } = evidence;
  const { path } = experiment.variants[name]!;
  const read = <T>(name: string, how: (file: string) => Promise<T>) =>
    how(join(folder, name)).catch(unreadable(join(folder, name)));
  const requests = await read('requests.csv', (file) => readRecord(file, summary.planned));
  if (foreign.includes(callers[path])) await read('attempts.ndjson', (file) => fillAttempts(requests, file));
  const effects = await read('effects.ndjson', (file) => readEffects(file, summary.planned));
  const growth = new Growth(
    evidence.scrapes.map(({ process, afterHalt, counters }) => ({
      process: process as ServiceProcess,
      afterHalt,
      samples: new Map(Object.entries(counters).map(([series, value]) => [series, value ?? Number.NaN])),
    })),
  );
  const plans = experiment.redrives.toSorted((a, b) => a.atMs - b.atMs);
  const observed: Observation = {
    name,
    summary,
    requests,
    effects,
    remains: remains && { ...remains, pending: new Set(remains.pending), dead: new Set(remains.dead) },
    samples: evidence.samples.map((sample) => sampleOf(sample, path)),
    grown: growth.grown,
    each: growth.each,
    awake: growth.awake.downstream,
    peakInFlight: growth.highest('downstream', 'spillway_work_in_flight_peak'),
    restarted: growth.restarted,
    foreign,
    unsteady: evidence.unsteady.missed,
    unwarmed: Math.max(evidence['warm-up'].unfinished, belatedBeside(effects, summary.startedAtMs)),
    warmUpErrors: evidence['warm-up'].firstErrors,
    atWork: end.atWork,
    injected: evidence.faults.map((fault) => ({
      ...fault,
      fault: experiment.faults.find(({ name }) => name === fault.name)!,
    })),
    redriven: evidence.redrives.map((redrive, index) => ({ ...redrive, plan: plans[index]! })),
    byHand: evidence.tampering.findings,
    stalls,
    configs: configsOf(experiment, experiment.variants[name]!),
    ran: evidence.configs.broker ?? undefined,
    durationMs: end.atMs - summary.startedAtMs,
  };
  const own = inOwnTime(observed, slowMotion);
  if (conducted.deadlineMs !== experiment.deadlineMs) own.requests.judgeAgain(experiment.deadlineMs);
  return own;
}

/** Refuses evidence of another experiment, or that can't answer this one. Throws EvidenceError. */
function refuseOther(
  experiment: Experiment,
  { folder, unsteady, configs }: VariantEvidence,
  { name, foreign, slowMotion, conducted = experiment }: Source,
): void {
  const refuse = (message: string) => {
    throw new EvidenceError(message, { file: join(folder, evidenceFile) });
  };
  const variant = slowed(conducted, slowMotion).variants[name]!;
  const [other] = changedKeys(configsOf(slowed(conducted, slowMotion), variant), configs.of);
  if (other) refuse(`expected the configurations of the experiment, got another ${other}`);
  if (unsteady.missed.length > 0 && !isDeepStrictEqual(conducted.steadyState, experiment.steadyState))
    refuse('expected the steadyState of the run, which injected no fault since it was missed');
  const receiver = servicesBefore[variant.path].find((service) => foreign.includes(service));
  if (receiver && conducted.deadlineMs !== experiment.deadlineMs)
    refuse(`expected the deadlineMs of the run, which ${receiver} has received`);
}
