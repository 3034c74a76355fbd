import type { Effects } from '#lab/evidence/effects.ts';
import type { Of } from '#lab/evidence/format.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import type { Store } from '#lab/evidence/store.ts';
import type { Configs } from '#lab/experiment/configs.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import type { BrokerOptions } from '#lab/kit/topology/broker-options.ts';
import type { ServiceName, ServiceProcess } from '#lab/kit/topology/names.ts';
import type { FirstErrors } from '#load/protocol.ts';

export interface Injected extends Omit<Of<'fault'>, 'record' | 'name'> {
  readonly fault: Fault;
}

export interface Redriven extends Omit<Of<'redrive'>, 'record'> {
  readonly plan: Experiment['redrives'][number];
}

/** Messages that the broker still holds, with sets of the indexes of events. */
export interface Remains extends Omit<Of<'remains'>, 'record' | 'pending' | 'dead'> {
  readonly pending: ReadonlySet<number>;
  readonly dead: ReadonlySet<number>;
}

/** Gauges at one time; null if a process that contributes to the gauge did not respond. */
export interface Sample {
  readonly atMs: number;
  readonly inFlight: number | null;
  /** Counter of retries, for each process of the caller. */
  readonly retries: readonly (number | null)[];
  readonly breaker: number | null;
  readonly backlog: number | null;
  readonly dead: number | null;
}

/** Errors with which times of processes are known on the lab's clock. */
export interface Clocks {
  /** Largest error in comparisons of effects with requests: those of downstream's clock and of the lab's. */
  readonly comparedWithinMs: number;
  /** Time by which the wall clocks of broker and consumer differ at least; undefined if they don't matter. */
  readonly wallDifferenceMs?: number | undefined;
  readonly processes: Of<'clocks'>['processes'];
}

/** All that was observed of a variant, in the experiment's own time. Nothing in it is judged. */
export interface Observation {
  readonly name: string;
  readonly summary: Omit<Of<'summary'>, 'record'>;
  readonly requests: Requests;
  readonly effects: Effects;
  readonly remains: Remains | undefined;
  readonly samples: readonly Sample[];
  readonly deltas: Readonly<Record<ServiceName, Samples>>;
  readonly byProcess: ReadonlyMap<ServiceProcess, Samples>;
  /** Increases of downstream's counters during the times in which no fault stopped downstream. */
  readonly awake: Samples;
  /** Highest number of simultaneous attempts in downstream, summed over its replicas; null if unknown. */
  readonly peakInFlight: number | null;
  readonly restarted: readonly ServiceProcess[];
  readonly foreign: readonly ServiceName[];
  /** Number of warm-up requests, or of their attempts, that had not ended when the load began. */
  readonly unfinishedWarmUp: number;
  readonly warmUpErrors: FirstErrors;
  /** Attempts still in progress in downstream or its caller when the drain was over. */
  readonly atWork: number;
  readonly injected: readonly Injected[];
  readonly redriven: readonly Redriven[];
  /** Changes over the control ports that the lab did not make, and faults in force before the load. */
  readonly tamperings: readonly string[];
  /** Stalls of all processes, including those that faults caused. */
  readonly stalls: Omit<Of<'stalls'>, 'record'>;
  readonly configs: Configs;
  /** Options of the broker; undefined if unknown, as with `attach` or in a simulation. */
  readonly broker: BrokerOptions | undefined;
  /** Undefined if the evidence has none, as in a simulation. */
  readonly clocks: Clocks | undefined;
  /** Time from the first scheduled time until downstream was idle or the drain was over. */
  readonly durationMs: number;
  /** Factor by which real time was longer. 1 without slow motion. */
  readonly slowMotion: number;
}

/** Location of a variant's evidence, and the conditions of its run. */
export interface VariantSource {
  readonly store: Store;
  readonly name: string;
  readonly foreign: readonly ServiceName[];
  /** Factor by which all durations were longer. 1 without slow motion. */
  readonly slowMotion: number;
  /** Experiment of the run, if another experiment judges its evidence. */
  readonly conducted?: Experiment;
}
