import { availableParallelism } from 'node:os';
import type { Sample } from '#lab/conduct/sample.ts';
import { Threads } from '#lab/conduct/threads.ts';
import type { Changes } from '#lab/experiment/field.ts';
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

/** Threads that simulate an experiment with changes, one for each core. */
export class Pool {
  readonly size: number;
  readonly #threads: Threads<Request, Timed>;

  constructor(subject: SubjectOptions, size = availableParallelism()) {
    this.size = size;
    this.#threads = new Threads(labProgram('explorer-thread'), { size, data: subject });
  }

  /** Simulates an experiment with changes, as soon as a thread is free. Rejects after `close`. */
  simulate(changes: Changes, seed: number): Promise<Timed> {
    return this.#threads.ask({ changes: [...changes], seed });
  }

  /** Ends all threads, even if they are at work. */
  close(): Promise<void> {
    return this.#threads.close();
  }
}
