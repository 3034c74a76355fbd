import { type Clock, systemClock } from '#kit/clock.ts';
import { faultRoutes } from '#kit/fault/leased-faults.ts';
import { createApp } from '#kit/http/app.ts';
import { readWork } from '#kit/http/request.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { Storage } from '#kit/process/storage.ts';
import { drawFor } from '#kit/random.ts';
import { configParser } from '#kit/schema/valid-parts.ts';
import type { Service } from '#kit/service.ts';
import type { Effect } from '#kit/wire.ts';
import { type Answer, completed, refused, send } from './answer.ts';
import { contradictions, DownstreamConfig } from './config.ts';
import { effectRoutes } from './effect-routes.ts';
import type { EffectLog } from './effects.ts';
import type { AttemptOutcome } from './faults/application-fault.ts';
import { ApplicationFaults } from './faults/application-faults.ts';
import { ApplicationFaultOptions } from './faults/config.ts';
import type { Model } from './models/model.ts';
import { buildModel } from './models/models.ts';
import { Numbering } from './numbering.ts';
import { RunRecord, runRoutes } from './run/record.ts';
import { Working } from './working.ts';

interface DownstreamParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly initial?: unknown;
  readonly effects: EffectLog;
  readonly clock?: Clock;
}

const parse = configParser(DownstreamConfig, contradictions);

/** The dependency that congests: works as long as its model says, then commits an effect or fails. Throws InvalidError. */
export function downstream(parts: DownstreamParts): Service {
  const { log, metrics, effects, clock = systemClock, initial = {} } = parts;
  let config = parse(initial);
  let model: Model = buildModel(config.model, clock);
  const storage = new Storage(metrics, log);
  const working = new Working(metrics, clock);
  const numbering = new Numbering();
  const faults = new ApplicationFaults(clock, metrics, (err) =>
    log.error({ err }, 'could not clear a fault'),
  );
  const report = attemptReports(metrics, clock);
  const commit = committing(effects, metrics, storage, clock);

  const traffic = createApp(log);
  // A connection that a fault holds would never close.
  traffic.addHook('preClose', () => faults.leased.clear());
  traffic.post('/work', (request, reply) => {
    const work = readWork(request);
    const { id } = work.body;
    const { leftMs = Infinity, class: ofClass } = work;
    const attempt = numbering.next(id, work.attempt);
    const ended = report(attempt);
    const draw = (purpose: string) => drawFor(config.seed, id, attempt, purpose);
    const outcome = faults.outcome(model(faults.inFlight(working.size + 1), draw), draw, id, ofClass);
    const late = config.deadlines !== 'ignore' && outcome.latencyMs > leftMs;
    const expire = () => {
      ended('expired');
      send(reply, refused(504, 'expired', 'Its time is up'));
    };
    if (late && config.deadlines === 'refuse') return expire();
    const job = working.start(late ? leftMs : outcome.latencyMs, () => {
      request.socket.off('close', abandon);
      if (late) return expire();
      const gone = request.socket.destroyed;
      try {
        const answer = answerTo(outcome, id, () => commit({ id, attempt, gone }, config.idempotent));
        ended(outcome.failed ? 'failed' : 'ok');
        (gone ? send : (outcome.deliver ?? send))(reply, answer);
      } catch (error) {
        storage.failed(error);
        ended('failed');
        reply.send(error);
      }
    });
    const abandon = () => {
      working.abandon(job);
      ended('abandoned');
    };
    if (config.abandonOnAbort) request.socket.once('close', abandon);
  });

  return {
    metrics,
    traffic,
    config: {
      current: () => config,
      parse,
      apply(next: DownstreamConfig) {
        model = buildModel(next.model, clock);
        config = next;
        working.resetPeak();
      },
    },
    unready: () => storage.broken,
    control(app) {
      effectRoutes(app, effects, numbering);
      faultRoutes(app, { fault: ApplicationFaultOptions }, faults.leased);
      runRoutes(app, new RunRecord(metrics, clock, faults.leased));
    },
    async stop() {
      // Also the work for disconnected callers.
      await working.idle();
      effects.close();
    },
  };
}

const answerTo = ({ failed, status = 500 }: AttemptOutcome, id: string, commit: () => boolean): Answer =>
  failed ? refused(status, 'failed', 'The work failed') : completed(id, commit());

/** Returns a function that begins an attempt and returns the one that reports its end. */
function attemptReports(metrics: Metrics, clock: Clock) {
  const attempts = metrics.counter('spillway_attempts_total');
  const repeated = metrics.counter('spillway_repeated_attempts_total');
  const duration = metrics.histogram('spillway_request_duration_seconds');
  return (attempt: number) => {
    if (attempt > 1) repeated.inc();
    const startedAtMs = clock.now();
    return (result: 'ok' | 'failed' | 'expired' | 'abandoned') => {
      attempts.inc({ result });
      if (result !== 'abandoned') duration.observe({ outcome: result }, (clock.now() - startedAtMs) / 1000);
    };
  };
}

/** Returns a function that commits an effect and returns whether it was there before. That throws StorageError. */
function committing(effects: EffectLog, metrics: Metrics, storage: Storage, clock: Clock) {
  const committed = metrics.counter('spillway_effects_total');
  const forgotten = metrics.counter('spillway_effects_forgotten_total');
  const duplicates = metrics.counter('spillway_duplicate_effects_total');
  return (effect: Pick<Effect, 'id' | 'attempt' | 'gone'>, idempotent: boolean): boolean => {
    const duplicate = effects.has(effect.id);
    const isSuppressed = duplicate && idempotent;
    // A suppressed one is on record only if it answers a caller: no other process learns from it that the work is done.
    if (!isSuppressed || !effect.gone) {
      const before = effects.forgotten;
      effects.commit({
        ...effect,
        atMs: clock.now(),
        duplicate,
        ...(isSuppressed && { suppressed: true }),
      });
      forgotten.inc(effects.forgotten - before);
      storage.stored();
    }
    committed.inc({ caller: effect.gone ? 'gone' : 'waiting' });
    if (duplicate) duplicates.inc({ handling: idempotent ? 'suppressed' : 'repeated' });
    return duplicate;
  };
}
