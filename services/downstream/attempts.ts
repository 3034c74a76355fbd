import { type Clock, systemClock, type Timer } from '#kit/clock.ts';
import { type Answer, problem } from '#kit/http/problem.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { Storage } from '#kit/process/storage.ts';
import { drawFor } from '#kit/random.ts';
import { parser } from '#kit/schema/parser.ts';
import type { Effect } from '#kit/wire.ts';
import { completed, type Deliver } from './answer.ts';
import { contradictions, DownstreamConfig, kneeInFlight } from './config.ts';
import type { EffectLog } from './effects.ts';
import type { Halt } from './faults/application-fault.ts';
import { faultsOf } from './faults/application-faults.ts';
import { buildModel, type Model } from './models.ts';
import type { Numbering } from './numbering.ts';

interface AttemptParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly effects: Pick<EffectLog, 'has' | 'commit' | 'forgotten'>;
  readonly numbering: Pick<Numbering, 'next'>;
  readonly clock?: Clock | undefined;
  readonly initial?: unknown;
  /** Stops the process, for the fault `freeze`. @default blocks the event loop */
  readonly halt?: Halt;
}

/** Operations on callers `C`. One object serves all, so that an attempt over HTTP needs no object but its reply. */
export interface Callers<C> {
  isGone(caller: C): boolean;
  watch(caller: C, gone: () => void): void;
  unwatch(caller: C, gone: () => void): void;
  /** Sends the answer. With `deliver`, a fault decides how. */
  answer(caller: C, answer: Answer, deliver?: Deliver): void;
  fail(caller: C, error: unknown): void;
}

const parse = parser(DownstreamConfig, contradictions);

/** Works on each attempt for as long as the model says, and then commits an effect or fails. Throws InvalidError. */
export function attemptsOf<C>(parts: AttemptParts, callers: Callers<C>) {
  const { log, metrics, effects, numbering, clock = systemClock, initial = {}, halt } = parts;
  let config = parse(initial);
  let model: Model = buildModel(config.model, clock);
  const storage = new Storage(metrics, log);
  const working = workingOf(metrics, clock);
  const faults = faultsOf(clock, metrics, (err) => log.error({ err }, 'could not clear a fault'), halt);
  const report = attemptReports(metrics, clock);
  const commit = committing(effects, metrics, storage, clock);
  metrics.gauge('spillway_work_knee', () => kneeInFlight(config));

  /** Begins an attempt. Its caller gets an answer at the end; `success` returns that to completed work. */
  function begin(asked: WorkRequest, caller: C, success: typeof completed = completed) {
    const { body, leftMs = Infinity, class: ofClass, attempt: said } = asked;
    const { id } = body;
    const attempt = numbering.next(id, said);
    const ended = report(attempt);
    const draw = (purpose: string) => drawFor(config.seed, id, attempt, purpose);
    const outcome = faults.outcome(model(faults.inFlight(working.size + 1), draw), draw, id, ofClass);
    const { failed, status = 500, retryAfterMs, deliver } = outcome;
    // An answer at the very moment when the caller gives up also comes too late.
    const late = config.deadlines !== 'ignore' && outcome.latencyMs >= leftMs;
    const expire = () => {
      ended('expired');
      callers.answer(caller, problem(504, 'expired', 'Its time is up'));
    };
    if (late && config.deadlines === 'refuse') return expire();
    const timer = working.start(late ? leftMs : outcome.latencyMs, () => {
      if (abandon) callers.unwatch(caller, abandon);
      if (late) return expire();
      const gone = callers.isGone(caller);
      try {
        const answer = failed
          ? { ...problem(status, 'failed', 'The work failed'), retryAfterMs }
          : success(id, commit({ id, attempt, gone }, config.idempotent));
        ended(failed ? 'failed' : 'ok');
        callers.answer(caller, answer, gone ? undefined : deliver);
      } catch (error) {
        storage.failed(error);
        ended('failed');
        callers.fail(caller, error);
      }
    });
    const abandon =
      config.abandonOnAbort &&
      (() => {
        working.abandon(timer);
        ended('abandoned');
      });
    if (abandon) callers.watch(caller, abandon);
  }

  return {
    begin,
    config: {
      current: () => config,
      parse,
      apply(next: DownstreamConfig) {
        model = buildModel(next.model, clock);
        config = next;
        working.resetPeak();
      },
    },
    faults,
    unready: () => storage.broken,
    /** Resolves when no attempt is in progress, not even for a disconnected caller. */
    idle: () => working.idle(),
  };
}

/** Tracks attempts in progress: counts them, abandons them, and waits until all have ended. */
function workingOf(metrics: Metrics, clock: Clock) {
  const excess = metrics.histogram('spillway_sleep_excess_seconds');
  const modelled = metrics.counter('spillway_modelled_sleep_seconds_total');
  // Uses a count and no Set. A growing Set discards internal tables, and these would keep attempts alive through minor
  // garbage collections.
  let size = 0;
  let peak = 0;
  let drained = () => {};
  metrics.gauge('spillway_work_in_flight', () => size);
  metrics.gauge('spillway_work_in_flight_peak', () => peak);
  const end = () => {
    size -= 1;
    if (size === 0) drained();
  };
  return {
    get size(): number {
      return size;
    },
    /** Calls `finish` after `ms` unless the attempt is abandoned first. The attempt is in flight until then. */
    start(ms: number, finish: () => void): Timer {
      const startedAtMs = clock.now();
      modelled.inc(ms / 1000);
      size += 1;
      peak = Math.max(peak, size);
      return clock.after(ms, () => {
        excess.observe(Math.max(0, clock.now() - startedAtMs - ms) / 1000);
        end();
        finish();
      });
    },
    abandon(timer: Timer): void {
      clock.cancel(timer);
      end();
    },
    resetPeak(): void {
      peak = size;
    },
    async idle(): Promise<void> {
      if (size === 0) return;
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    },
  };
}

/** Returns a function that reports the start of an attempt. Its result is a function that reports the end. */
function attemptReports(metrics: Metrics, clock: Clock) {
  const attempts = metrics.counter('spillway_attempts_total');
  const repeated = metrics.counter('spillway_repeated_attempts_total');
  const duration = metrics.histogram('spillway_request_duration_seconds');
  const end = (result: string) =>
    [attempts.labels({ result }), duration.labels({ outcome: result })] as const;
  const ends = { ok: end('ok'), failed: end('failed'), expired: end('expired'), abandoned: end('abandoned') };
  return (attempt: number) => {
    if (attempt > 1) repeated.inc();
    const startedAtMs = clock.now();
    return (result: keyof typeof ends) => {
      const [count, time] = ends[result];
      count.inc();
      if (result !== 'abandoned') time.observe((clock.now() - startedAtMs) / 1000);
    };
  };
}

/** Returns a function that commits an effect: true if the request already had one. It throws StorageError. */
function committing(effects: AttemptParts['effects'], metrics: Metrics, storage: Storage, clock: Clock) {
  const effectsOf = metrics.counter('spillway_effects_total');
  const [waiting, left] = ['waiting', 'gone'].map((caller) => effectsOf.labels({ caller }));
  const forgotten = metrics.counter('spillway_effects_forgotten_total');
  const duplicates = metrics.counter('spillway_duplicate_effects_total');
  return ({ id, attempt, gone }: Pick<Effect, 'id' | 'attempt' | 'gone'>, idempotent: boolean): boolean => {
    const duplicate = effects.has(id);
    const isSuppressed = duplicate && idempotent;
    // A suppressed effect is logged only if its caller still waits. Otherwise no process learns from this attempt that
    // the work is done.
    if (!isSuppressed || !gone) {
      const before = effects.forgotten;
      const effect = { id, attempt, gone, atMs: clock.now(), duplicate };
      effects.commit(isSuppressed ? { ...effect, suppressed: true } : effect);
      if (effects.forgotten > before) forgotten.inc(effects.forgotten - before);
      storage.stored();
    }
    (gone ? left : waiting)!.inc();
    if (duplicate) duplicates.inc({ handling: idempotent ? 'suppressed' : 'repeated' });
    return duplicate;
  };
}
