import type { Sample } from '#lab/conduct/sample.ts';
import { Threads } from '#lab/conduct/threads.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import type { SubjectOptions } from './subject.ts';

/** Simulation that a thread is asked for. */
export interface Request {
  readonly changes: readonly (readonly [pointer: string, value: number])[];
  readonly seed: number;
}

/** Result of a simulation, with its real time. */
export interface Timed {
  readonly sample: Sample;
  readonly tookMs: number;
}

export type Pool = Threads<Request, Timed>;

/** Starts threads that simulate an experiment with changes. @default one thread for each core */
export const startPool = (subject: SubjectOptions, size?: number): Pool =>
  new Threads(labProgram('explorer-thread'), { data: subject, ...(size && { size }) });
