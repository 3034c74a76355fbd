import { luck } from '#kit/random.ts';
import { parser } from '#kit/schema.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Backoff, backoffMs } from '#policies/backoff.ts';
import { Pipeline, pipeline } from '#policies/pipeline.ts';
import { type Call, type PolicyEvent, Rejected, type Work } from '#policies/policy.ts';
import { buildModel, ModelOptions } from '#downstream/models/models.ts';

/** A way to do the work: over RPC, or by handlers that take events from a queue. */
export interface Variant {
  readonly policies: readonly object[];
  /** Events handled at once; without it, RPC. */
  readonly handlers?: number;
}

/** What became of all requests. Latencies are in ms from the due time to the effect's news, of the successful ones. */
export interface Figures {
  ok: number;
  failed: number;
  rejected: number;
  retries: number;
  timeouts: number;
  readonly latencies: number[];
}

const total = 2000;
const burst = { size: 350, everyMs: 80, spreadMs: 20 };
const redelivery = { maxRetries: 3, backoff: parser(Backoff)({ kind: 'exponential' }) };

/** The reference workload of the project through the real policies, against the real congestion model, on virtual time. */
export async function simulate(variant: Variant, seed: number): Promise<Figures> {
  const clock = new VirtualClock();
  const figures: Figures = { ok: 0, failed: 0, rejected: 0, retries: 0, timeouts: 0, latencies: [] };
  const emit = ({ kind }: PolicyEvent) => {
    if (kind === 'retry') figures.retries += 1;
    if (kind === 'timeout') figures.timeouts += 1;
  };
  const policies = parser(Pipeline)(variant.policies);
  const call = pipeline(policies, { clock, seed, emit })(downstream(clock, seed));
  const done = (dueMs: number) => {
    figures.ok += 1;
    figures.latencies.push(clock.now() - dueMs);
  };
  const failed = (error: unknown) => {
    if (error instanceof Rejected) figures.rejected += 1;
    else figures.failed += 1;
  };

  const submit = variant.handlers
    ? consumer(call, variant.handlers, clock, seed, () => { figures.retries += 1 })
    : (work: Work) => call(work, new AbortController().signal);
  for (let i = 0; i < total; i++) {
    const dueMs = Math.floor(i / burst.size) * burst.everyMs + ((i % burst.size) / burst.size) * burst.spreadMs;
    clock.after(dueMs, () => {
      submit({ id: `r${i}`, body: '', attempts: 0 }).then(() => done(dueMs), failed);
    });
  }
  await clock.run();
  return figures;
}

/** Downstream as it is by default: goes on working when its caller has gone. */
function downstream(clock: VirtualClock, seed: number): Call {
  const model = buildModel(parser(ModelOptions)({ kind: 'congestion' }));
  let inFlight = 0;
  return (work) => {
    const attempt = ++work.attempts;
    const fate = model(++inFlight, (purpose) => luck(seed, work.id, attempt, purpose));
    return new Promise((resolve, reject) => {
      clock.after(fate.latencyMs, () => {
        inFlight -= 1;
        if (fate.failed) reject(new Error('the work failed'));
        else resolve({ status: 200, body: '' });
      });
    });
  };
}

/** Handlers that take events in order; one that failed waits for its redelivery outside of them, then queues again. */
function consumer(call: Call, handlers: number, clock: VirtualClock, seed: number, redelivered: () => void): (work: Work) => Promise<unknown> {
  const queue: (() => Promise<void>)[] = [];
  let free = handlers;
  const pump = async () => {
    if (free === 0) return;
    free -= 1;
    for (let job = queue.shift(); job; job = queue.shift()) await job();
    free += 1;
  };
  const never = new AbortController().signal;

  return (work) =>
    new Promise((resolve, reject) => {
      const deliver = (delivery: number) => {
        queue.push(async () => {
          try {
            resolve(await call(work, never));
          } catch (error) {
            if (delivery > redelivery.maxRetries) return reject(error);
            redelivered();
            const draw = luck(seed, work.id, work.attempts, 'backoff');
            clock.after(backoffMs(redelivery.backoff, delivery - 1, draw), () => deliver(delivery + 1));
          }
        });
        void pump();
      };
      deliver(1);
    });
}
