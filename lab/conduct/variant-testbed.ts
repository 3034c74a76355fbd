import type { Store } from '#lab/evidence/store.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Machine } from '#lab/judge/validity/limits.ts';
import type { OpenTestbed, Testbeds } from '#lab/world/world.ts';
import type { Counts } from '#load/protocol.ts';

/** Run under way, with what its variants share. */
export interface Run {
  readonly experiment: Experiment;
  readonly testbeds: Testbeds;
  /** Factor by which slow motion multiplies all durations; 1 at full speed. */
  readonly slowMotion: number;
  readonly machine: Machine;
  /** Paths that a variant has already warmed up. */
  readonly warmed: Set<string>;
  readonly withoutFaults: boolean;
  /** True to end the load as soon as its pace turns out to be too fast. */
  readonly isTrial?: boolean | undefined;
  /** Errors of faults that could not be cleared. */
  readonly uncleared: unknown[];
  /** False to record no samples, which only series and recoveries need. @default true */
  readonly samples?: boolean | undefined;
  /** Conducts a variant with a client outside this thread. Missing if its process loads the client. */
  readonly apart?:
    | ((run: Run, name: string, store: Store, onProgress: OnStage) => Promise<EndProgress>)
    | undefined;
  readonly signal: AbortSignal;
}

export interface VariantTestbed extends OpenTestbed, Omit<Run, 'testbeds' | 'apart'> {
  readonly onProgress: OnStage;
}

export type OnStage = (stage: 'warm-up' | 'run' | 'drain', progress?: StageProgress) => void;

/** Last progress of a variant. */
export type EndProgress = Required<Pick<StageProgress, 'counts'>> & Pick<StageProgress, 'inFlight' | 'knee'>;

/** Progress of a stage, in real time. */
export interface StageProgress {
  readonly elapsedMs: number;
  readonly maxMs: number;
  /** Calls at the dependency; once complete their peak, in a drain those of the caller if they are more. */
  readonly inFlight?: number | undefined;
  /** Number of calls in flight above which the dependency slows down; null without one. */
  readonly knee?: number | null;
  /** Counts of the requests sent in this stage. */
  readonly counts?: Counts;
}
