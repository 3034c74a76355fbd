import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Changes } from './field.ts';
import type { Sample } from './sample.ts';
import type { SubjectOptions } from './subject.ts';

/** Data of a worker at its start. */
export interface WorkerOptions {
  readonly subject: SubjectOptions;
  /** Folder for evidence that is removed after its analysis. */
  readonly folder: string;
}

/** Simulation that a worker is asked for. */
export interface Request {
  readonly changes: readonly (readonly [pointer: string, value: number])[];
  readonly seed: number;
}

export type Reply = { readonly sample: Sample; readonly tookMs: number } | { readonly failure: string };

/** Result of a simulation, with its real time. */
export type Timed = Extract<Reply, { sample: Sample }>;

interface Job {
  readonly request: Request;
  readonly done: PromiseWithResolvers<Timed>;
}

/** Threads that simulate, one for each core. Each loads the code once. */
export class Pool {
  readonly size: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'spillway-explore-'));
  readonly #workers = new Map<Worker, Job | undefined>();
  readonly #queue: Job[] = [];
  #failure: Error | undefined;

  constructor(subject: SubjectOptions, size = availableParallelism()) {
    this.size = size;
    const workerData: WorkerOptions = { subject, folder: this.#folder };
    for (let i = 0; i < size; i++) {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
      this.#workers.set(worker, undefined);
      worker.on('message', (reply: Reply) => this.#complete(worker, reply));
      worker.on('error', (error) => this.#fail(error));
    }
  }

  /** Simulates an experiment with changes, as soon as a thread is free. Rejects after `close`. */
  simulate(changes: Changes, seed: number): Promise<Timed> {
    const job = { request: { changes: [...changes], seed }, done: Promise.withResolvers<Timed>() };
    if (this.#failure) job.done.reject(this.#failure);
    else this.#queue.push(job);
    this.#next();
    return job.done.promise;
  }

  /** Ends all threads, even if they are at work, and removes their files. */
  async close(): Promise<void> {
    this.#fail(new Error('the pool is closed'));
    await Promise.all([...this.#workers.keys()].map((worker) => worker.terminate()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #next(): void {
    for (const [worker, job] of this.#workers) {
      if (job) continue;
      const next = this.#queue.shift();
      if (!next) return;
      this.#workers.set(worker, next);
      worker.postMessage(next.request);
    }
  }

  #complete(worker: Worker, reply: Reply): void {
    const job = this.#workers.get(worker);
    this.#workers.set(worker, undefined);
    this.#next();
    if ('sample' in reply) job?.done.resolve(reply);
    else job?.done.reject(new Error(`a simulation failed: ${reply.failure}`));
  }

  /** Rejects what is under way and what comes later. */
  #fail(reason: Error): void {
    this.#failure ??= reason;
    const jobs = [...this.#queue.splice(0), ...this.#workers.values()];
    for (const job of jobs) job?.done.reject(this.#failure);
  }
}
