import type { Effects } from '#lab/evidence/effects.ts';
import type { Of } from '#lab/evidence/format.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import type { Configs } from '#lab/experiment/configs.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import type { HypothesisResult } from '#lab/result/result.ts';
import type { BrokerOptions } from '#lab/topology/broker-options.ts';
import type { ServiceName, ServiceProcess } from '#lab/topology/names.ts';
import type { FirstErrors } from '#load/protocol.ts';

export interface Injected extends Omit<Of<'fault'>, 'record' | 'name'> {
  readonly fault: Fault;
}

export interface Redriven extends Omit<Of<'redrive'>, 'record'> {
  readonly plan: Experiment['redrives'][number];
}

/** Events that the broker still holds: indexes, except where ids are named. */
export interface Remains {
  /** In the work stream, beyond the consumer's ack floor. */
  readonly pending: ReadonlySet<number>;
  /** Ids of events in the stream at or below the ack floor. They are acknowledged, so they won't be delivered again. */
  readonly behind: readonly string[];
  /** Ids of delivered events after the ack floor. Only `unacknowledged` of them can be delivered again. */
  readonly delivered: readonly string[];
  readonly unacknowledged: number;
  /** In the dead-letter stream. */
  readonly dead: ReadonlySet<number>;
  /** Number of redriven events that Spillway's consumer has taken. */
  readonly receipts: number;
  /** Deliveries since the run began; undefined if the broker or its consumer was restarted and forgot some. */
  readonly deliveries?: number | undefined;
}

/** Gauges at one moment; null if a process that contributes to the value did not respond. */
export interface Sample {
  readonly atMs: number;
  readonly inFlight: number | null;
  /** Counter of retries, for each process of the caller. */
  readonly retries: readonly (number | null)[];
  readonly breaker: number | null;
  readonly backlog: number | null;
  readonly dead: number | null;
}

/** Everything observed of a variant, in the experiment's own time, not yet judged. */
export interface Observation {
  readonly name: string;
  readonly summary: Omit<Of<'summary'>, 'record'>;
  readonly requests: Requests;
  readonly effects: Effects;
  readonly remains: Remains | undefined;
  readonly samples: readonly Sample[];
  /** Increases of counters while the variant ran. */
  readonly deltas: Readonly<Record<ServiceName, Samples>>;
  readonly byProcess: ReadonlyMap<ServiceProcess, Samples>;
  /** Increases of downstream's counters while no fault stopped it. */
  readonly awake: Samples;
  /** Highest number of attempts at once in downstream, summed over replicas; null if unknown. */
  readonly peakInFlight: number | null;
  readonly restarted: readonly ServiceProcess[];
  /** Services that are not Spillway's. */
  readonly foreign: readonly ServiceName[];
  /** Conditions of the steady state that failed before the first fault, so that none was injected. */
  readonly unsteady: readonly HypothesisResult[];
  /** Number of warm-up requests, or of their attempts, that had not ended when the load began. */
  readonly unfinishedWarmUp: number;
  readonly warmUpErrors: FirstErrors;
  /** Attempts that downstream or its caller still worked on when the drain was over. */
  readonly atWork: number;
  readonly injected: readonly Injected[];
  readonly redriven: readonly Redriven[];
  /** Changes over the control ports that the lab did not make, and faults in force before the load began. */
  readonly tamperings: readonly string[];
  /** Stalls of all processes, including those that faults caused. */
  readonly stalls: Omit<Of<'stalls'>, 'record'>;
  readonly configs: Configs;
  /** Options of the broker; undefined if it is not Spillway's. */
  readonly broker: BrokerOptions | undefined;
  /** From the first scheduled time until downstream was idle or the drain was over. */
  readonly durationMs: number;
}

/** Location of a variant's evidence, and the conditions of its run. */
export interface VariantSource {
  readonly folder: string;
  readonly name: string;
  readonly foreign: readonly ServiceName[];
  /** Factor of all durations. */
  readonly slowMotion: number;
  /** Experiment as conducted, if the evidence is judged by another one. */
  readonly conducted?: Experiment;
}
