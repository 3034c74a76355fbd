import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';

interface Job<Q, A> {
  readonly question: Q;
  readonly done: PromiseWithResolvers<A>;
}

type Reply<A> = { readonly answer: A } | { readonly failure: string };

/** A simulation makes much garbage, most of it short-lived. With Node's 48 MB it takes a tenth longer. */
const resourceLimits = { maxYoungGenerationSizeMb: 96 };

/** Threads that answer questions, one for each core. Each loads its script once, and answers one question at a time. */
export class Threads<Q, A> {
  readonly #workers = new Map<Worker, Job<Q, A> | undefined>();
  readonly #queue: Job<Q, A>[] = [];
  #failure: Error | undefined;

  /** Starts the threads. The script calls `answerAll`, and may read `data` as `workerData`. */
  constructor(
    script: string | URL,
    { size = availableParallelism(), data }: { readonly size?: number; readonly data?: unknown } = {},
  ) {
    for (let i = 0; i < size; i++) {
      const worker = new Worker(script, { workerData: data, resourceLimits });
      this.#workers.set(worker, undefined);
      worker.on('message', (reply: Reply<A>) => this.#complete(worker, reply));
      worker.on('error', (error) => this.#fail(error));
    }
  }

  get size(): number {
    return this.#workers.size;
  }

  /** Resolves with the answer, as soon as a thread was free for the question. Rejects after `close`. */
  ask(question: Q): Promise<A> {
    const job = { question, done: Promise.withResolvers<A>() };
    if (this.#failure) job.done.reject(this.#failure);
    else this.#queue.push(job);
    this.#next();
    return job.done.promise;
  }

  /** Calls `act`, and ends the threads after it. Questions are rejected with the signal's reason once it aborts. */
  async during<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const stop = () => this.#fail(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      return await act();
    } finally {
      signal.removeEventListener('abort', stop);
      await this.close();
    }
  }

  /** Ends all threads, even those at work. */
  async close(): Promise<void> {
    this.#fail(new Error('the threads are closed'));
    await Promise.all([...this.#workers.keys()].map((worker) => worker.terminate()));
  }

  #next(): void {
    for (const [worker, job] of this.#workers) {
      if (job) continue;
      const next = this.#queue.shift();
      if (!next) return;
      this.#workers.set(worker, next);
      worker.postMessage(next.question);
    }
  }

  #complete(worker: Worker, reply: Reply<A>): void {
    const job = this.#workers.get(worker);
    this.#workers.set(worker, undefined);
    this.#next();
    if ('answer' in reply) job?.done.resolve(reply.answer);
    else job?.done.reject(new Error(reply.failure));
  }

  /** Rejects all pending and later questions. */
  #fail(reason: Error): void {
    this.#failure ??= reason;
    const jobs = [...this.#queue.splice(0), ...this.#workers.values()];
    for (const job of jobs) job?.done.reject(this.#failure);
  }
}

export function answerAll<Q, A>(answer: (question: Q) => Promise<A>): void {
  parentPort!.on('message', async (question: Q) => {
    const reply: Reply<A> = await answer(question).then(
      (answer) => ({ answer }),
      (error: Error) => ({ failure: error.stack ?? String(error) }),
    );
    parentPort!.postMessage(reply);
  });
}
