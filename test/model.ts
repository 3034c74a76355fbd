import { buildModel, ModelOptions } from '#downstream/models.ts';
import { drawFor } from '#kit/random.ts';
import { parser } from '#kit/schema/parser.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Backoff, backoffMs } from '#policies/backoff.ts';
import { Pipeline, pipeline } from '#policies/pipeline.ts';
import { type Call, type PolicyEvent, Rejected } from '#policies/policy.ts';

/** Variant of the model: callers call downstream through policies, or event handlers do so with events of a queue. */
export interface Variant {
  readonly policies: readonly object[];
  /** Number of concurrent event handlers. If undefined, the callers make the calls themselves. */
  readonly handlers?: number;
}

/** Counts of all requests. */
export interface Figures {
  ok: number;
  /** Requests that failed after all retries, and events that were dead-lettered. */
  failed: number;
  rejected: number;
  /** Failed requests whose last retry a policy refused. */
  refusedRetries: number;
  /** Number of retries, refused ones included, plus redeliveries. */
  retries: number;
  timeouts: number;
  /** Times from the scheduled time to success in ms, in the order of the successes. */
  readonly latencies: number[];
}

export const offered = 2000;
const burst = { size: 350, everyMs: 80, spreadMs: 20 };
const redelivery = { maxRetries: 3, backoff: parser(Backoff)(Backoff.default) };
const congestion = parser(ModelOptions)({ kind: 'congestion' });

/**
 * Runs the reference workload, or its first `total` requests, on virtual time. Policies and congestion model are those
 * of the services.
 */
export async function simulate(variant: Variant, seed: number, total = offered): Promise<Figures> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // collecting stacks for the many errors would take half of the time
  try {
    return await simulated(variant, seed, total);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function simulated(variant: Variant, seed: number, total: number): Promise<Figures> {
  const clock = new VirtualClock();
  const figures: Figures = {
    ok: 0,
    failed: 0,
    rejected: 0,
    refusedRetries: 0,
    retries: 0,
    timeouts: 0,
    latencies: [],
  };
  const emit = ({ kind }: { kind: PolicyEvent['kind'] }) => {
    if (kind === 'retry') figures.retries += 1;
    if (kind === 'refused-retry') figures.refusedRetries += 1;
    if (kind === 'timeout') figures.timeouts += 1;
  };
  const surroundings = { clock, seed, emit };
  const call = pipeline(parser(Pipeline)(variant.policies), surroundings)(downstream(clock, seed));
  const submit = variant.handlers ? consumer(variant.handlers, call, surroundings) : call;

  for (let i = 0; i < total; i++) {
    const withinMs = ((i % burst.size) / burst.size) * burst.spreadMs;
    const scheduledAtMs = Math.floor(i / burst.size) * burst.everyMs + withinMs;
    clock.after(scheduledAtMs, () => {
      submit({ id: `r${i}`, body: '', attempts: 0 }, new AbortController().signal).then(
        () => {
          figures.ok += 1;
          figures.latencies.push(clock.now() - scheduledAtMs);
        },
        (error) => {
          if (error instanceof Rejected) figures.rejected += 1;
          else figures.failed += 1;
        },
      );
    });
  }
  await clock.run();
  return figures;
}

/** Returns a downstream that completes the work even after its caller has disconnected. */
function downstream(clock: VirtualClock, seed: number): Call {
  const model = buildModel(congestion, clock);
  const failure = new Error('the work failed');
  let inFlight = 0;
  return (work) => {
    work.attempts += 1;
    inFlight += 1;
    const drawn = model(inFlight, (purpose) => drawFor(seed, work.id, work.attempts, purpose));
    return new Promise((resolve, reject) => {
      clock.after(drawn.latencyMs, () => {
        inFlight -= 1;
        if (drawn.failed) reject(failure);
        else resolve('');
      });
    });
  };
}

interface ConsumerSurroundings {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly emit: (event: { kind: 'retry' }) => void;
}

/**
 * Returns a consumer that handles events in order. A failed event waits for its redelivery outside of the handlers, and
 * joins the queue again.
 */
function consumer(handlers: number, call: Call, { clock, seed, emit }: ConsumerSurroundings): Call {
  const queue: (() => Promise<void>)[] = [];
  let idle = handlers;

  const handle = async () => {
    idle -= 1;
    for (let next = queue.shift(); next; next = queue.shift()) await next();
    idle += 1;
  };

  return (work, signal) => {
    const end = Promise.withResolvers<string>();
    let redeliveries = 0;
    const enqueue = () => {
      queue.push(deliver);
      if (idle > 0) void handle();
    };
    const deliver = async () => {
      try {
        end.resolve(await call(work, signal));
      } catch (error) {
        if (redeliveries === redelivery.maxRetries) return end.reject(error);
        emit({ kind: 'retry' });
        const draw = drawFor(seed, work.id, work.attempts, 'backoff');
        clock.after(backoffMs(redelivery.backoff, redeliveries, draw), enqueue);
        redeliveries += 1;
      }
    };
    enqueue();
    return end.promise;
  };
}
