import type { SlowMotion } from '#lab/evidence/conditions.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Result } from '#lab/judge/result/result.ts';
import type { World } from '#lab/world/world.ts';
import type { Rerun } from './rerun.ts';
import type { StageProgress } from './variant-testbed.ts';

/** Plan of an experiment: its file, its world and its folder. It is made once, and passed as it is. */
export interface Plan {
  readonly file: ExperimentFile;
  readonly world: World;
  readonly folder: string;
  /** Run that gets the variants of the file as further tries. Its folder is that of the plan, too. */
  readonly rerun?: Rerun | undefined;
  /** True to keep the evidence only in memory, until its figures are known. Only in a simulation. */
  readonly figuresOnly?: boolean | undefined;
  /** Returns the command line that repeats the experiment. For the experiment of one round, it repeats only this round. */
  readonly commandOf: (experiment: Experiment) => string;
  readonly label?: string | undefined;
  /** True for a control: faults are no-ops, and the result says so. */
  readonly withoutFaults?: boolean | undefined;
  readonly output: Output;
  readonly onProgress: (progress: Progress) => void;
  /** Interrupts the run when it aborts. The run then clears its faults and stops the testbed. */
  readonly signal: AbortSignal;
  /** Place of this run among the rounds of another one. */
  readonly round?: RoundPlan | undefined;
}

/** Receives a result and the folder for its files, of a run or of one of several rounds. */
export type Output = (folder: string, result: Result, isRound: boolean) => Promise<void>;

/** Plan of one run, which doesn't write its result. */
export type RunPlan = Omit<Plan, 'output'>;

export interface RoundPlan {
  /** Index of the variant that is conducted first. */
  readonly turn: number;
  /** State of the machine before the first round. Later, its load average would include earlier rounds. */
  readonly machine: Result['machine'];
  /** Pace that the first round measured for `auto`. */
  readonly pace: SlowMotion | undefined;
}

export type Progress = (
  | VariantProgress
  | { readonly stage: 'pace'; readonly chosen?: ChosenPace }
  | { readonly stage: 'prediction'; readonly done: number; readonly of: number }
  | { readonly stage: 'advice'; readonly advised: string; readonly tried: number }
) & {
  readonly round?: Round;
};

/** Pace of a run, with the shortest real time of a round and the longest real time of its drains. */
interface ChosenPace {
  readonly factor: number;
  /** Reason why smaller factors were given up. */
  readonly tooFast?: string | undefined;
  readonly leastMs: number;
  readonly drainMs: number;
}

export interface VariantProgress extends Partial<StageProgress> {
  readonly variant: string;
  /** Names of all variants, in the order in which they are conducted, and the index of this one. */
  readonly names: readonly string[];
  readonly index: number;
  readonly stage: 'warm-up' | 'run' | 'drain' | 'complete' | 'failed';
  /** Real times of the load and of a deadline. */
  readonly loadMs: number;
  readonly deadlineMs: number;
  readonly round?: Round;
}

/** Current round, if there are several. `index` counts from 0. */
interface Round {
  readonly seed: number;
  readonly index: number;
  readonly of: number;
}
