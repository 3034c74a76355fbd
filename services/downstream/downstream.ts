import { type Clock, systemClock } from '#kit/clock.ts';
import { faultRoutes } from '#kit/fault/fault-routes.ts';
import { createApp } from '#kit/http/app.ts';
import { readWork } from '#kit/http/request.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { Storage } from '#kit/process/storage.ts';
import { drawFor } from '#kit/random.ts';
import { configParser } from '#kit/schema/valid-parts.ts';
import type { Service } from '#kit/service.ts';
import { done, refused, send } from './answer.ts';
import { committing } from './committing.ts';
import { contradictions, DownstreamConfig } from './config.ts';
import { effectRoutes } from './effect-routes.ts';
import type { EffectLog } from './effects.ts';
import { FaultOptions } from './faults/config.ts';
import { Faults } from './faults/faults.ts';
import type { Model } from './models/model.ts';
import { buildModel } from './models/models.ts';
import { Numbering } from './numbering.ts';
import { RunRecord } from './run/record.ts';
import { runRoutes } from './run/routes.ts';
import { Working } from './working.ts';

interface Parts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The configuration to start with; defaults where nothing is said. Throws InvalidError when it is wrong. */
  readonly initial?: unknown;
  readonly effects: EffectLog;
  readonly clock?: Clock;
}

const parse = configParser(DownstreamConfig, contradictions);

/** The dependency that congests: works as long as its model says, then commits an effect or fails. */
export function downstream({ log, metrics, effects, clock = systemClock, initial = {} }: Parts): Service {
  let config = parse(initial);
  let model: Model = buildModel(config.model, clock);
  const storage = new Storage(metrics, log);
  const working = new Working(metrics, clock);
  const attempts = metrics.counter('spillway_attempts_total');
  const repeated = metrics.counter('spillway_repeated_attempts_total');
  const numbering = new Numbering();
  const faults = new Faults(clock, metrics, (error) => log.error({ err: error }, 'could not end a fault'));
  const duration = metrics.histogram('spillway_request_duration_seconds');
  const commit = committing(effects, metrics, storage, clock);

  const traffic = createApp(log);
  // What a fault holds back would keep its connection open.
  traffic.addHook('preClose', async () => faults.clear());
  traffic.post('/work', (request, reply) => {
    const asked = readWork(request);
    const { id } = asked.body;
    const { leftMs = Infinity, class: ofClass } = asked;
    const attempt = numbering.next(id, asked.attempt);
    if (attempt > 1) repeated.inc();
    const startedAtMs = clock.now();
    const draw = (purpose: string) => drawFor(config.seed, id, attempt, purpose);
    const course = faults.course(model(faults.inFlight(working.size + 1), draw), draw, id, ofClass);
    const late = config.deadlines !== 'ignore' && course.latencyMs > leftMs;
    const end = (outcome: 'ok' | 'failed' | 'expired') => {
      attempts.inc({ result: outcome });
      duration.observe({ outcome }, (clock.now() - startedAtMs) / 1000);
    };
    const expire = () => {
      end('expired');
      send(reply, refused(504, 'expired', 'Its time is up'));
    };
    if (late && config.deadlines === 'refuse') return expire();
    const finish = () => {
      try {
        const answer = course.failed
          ? refused(course.status ?? 500, 'failed', 'The work failed')
          : done(id, commit({ id, attempt, gone: request.socket.destroyed }, config.idempotent));
        end(course.failed ? 'failed' : 'ok');
        (request.socket.destroyed ? send : (course.deliver ?? send))(reply, answer);
      } catch (error) {
        storage.failed(error);
        end('failed');
        reply.send(error);
      }
    };
    const timer = working.start(late ? leftMs : course.latencyMs, () => {
      request.socket.off('close', abandon);
      if (late) expire();
      else finish();
    });
    const abandon = () => {
      working.abandon(timer);
      attempts.inc({ result: 'abandoned' });
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
      faultRoutes(app, { fault: FaultOptions }, faults);
      runRoutes(app, new RunRecord(metrics, clock, faults));
    },
    async stop() {
      // Also what is done for callers who have gone.
      await working.idle();
      effects.close();
    },
  };
}
