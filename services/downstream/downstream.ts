import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Clock, systemClock } from '#kit/clock.ts';
import { createApp } from '#kit/http.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { sendProblem } from '#kit/problem.ts';
import { luck } from '#kit/random.ts';
import { parser } from '#kit/schema.ts';
import type { Service } from '#kit/service.ts';
import { Storage } from '#kit/storage.ts';
import { readTimeLeft } from '#kit/time-left.ts';
import { headers } from '#kit/wire.ts';
import { WorkBody } from '#kit/work.ts';
import { committing } from './committing.ts';
import { DownstreamConfig } from './config.ts';
import type { EffectLog } from './effects.ts';
import type { Model } from './models/model.ts';
import { buildModel } from './models/models.ts';
import { Numbering } from './numbering.ts';
import { Working } from './working.ts';

interface Parts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The configuration to start with; defaults where nothing is said. Throws InvalidError when it is wrong. */
  readonly initial?: unknown;
  readonly effects: EffectLog;
  readonly clock?: Clock;
}

/** The dependency that congests: works as long as its model says, then commits an effect or fails. */
export function downstream({ log, metrics, effects, clock = systemClock, initial = {} }: Parts): Service {
  let config: DownstreamConfig = parser(DownstreamConfig)(initial);
  let model: Model = buildModel(config.model);
  const storage = new Storage(metrics, log);
  const working = new Working(metrics, clock);
  const attempts = metrics.counter('spillway_attempts_total');
  const repeated = metrics.counter('spillway_repeated_attempts_total');
  const numbering = new Numbering();
  const duration = metrics.histogram('spillway_request_duration_seconds');
  const commit = committing(effects, metrics, storage, clock);

  const traffic = createApp(log);
  traffic.post('/work', { schema: { body: WorkBody } }, (request, reply) => {
    const { id } = request.body as { id: string };
    const leftMs = readTimeLeft(request.headers[headers.timeoutMs]) ?? Infinity;
    const attempt = numbering.next(id, request.headers[headers.attempt]);
    if (attempt > 1) repeated.inc();
    const { socket } = request.raw;
    const startedAtMs = clock.now();
    const fate = model(working.size + 1, (purpose) => luck(config.seed, id, attempt, purpose));
    const late = config.deadlines !== 'ignore' && fate.latencyMs > leftMs;
    const end = (outcome: 'ok' | 'failed' | 'expired') => {
      attempts.inc({ result: outcome });
      duration.observe({ outcome }, (clock.now() - startedAtMs) / 1000);
    };
    const expire = () => {
      end('expired');
      sendProblem(reply, 504, 'expired', 'Its time is up');
    };
    if (late && config.deadlines === 'refuse') return expire();
    const finish = () => {
      try {
        const duplicate = !fate.failed && commit({ id, attempt, gone: socket.destroyed }, config.idempotent);
        end(fate.failed ? 'failed' : 'ok');
        if (fate.failed) sendProblem(reply, 500, 'failed', 'The work failed');
        else answer(reply, id, duplicate);
      } catch (error) {
        storage.failed(error);
        end('failed');
        reply.send(error);
      }
    };
    const timer = working.start(late ? leftMs : fate.latencyMs, () => {
      socket.off('close', abandon);
      if (late) expire();
      else finish();
    });
    const abandon = () => {
      working.abandon(timer);
      attempts.inc({ result: 'abandoned' });
    };
    if (config.abandonOnAbort) socket.once('close', abandon);
  });

  return {
    metrics,
    traffic,
    config: {
      schema: DownstreamConfig,
      current: () => config,
      apply(next: DownstreamConfig) {
        model = buildModel(next.model);
        config = next;
        working.resetPeak();
      },
    },
    unready: () => storage.broken,
    control: (app) => effectRoutes(app, effects, numbering),
    async stop() {
      // Also what is done for callers who have gone.
      await working.idle();
      effects.close();
    },
  };
}

function answer(reply: FastifyReply, id: string, duplicate: boolean): void {
  reply.header('content-type', 'application/json').send(`{"id":"${id}","duplicate":${duplicate}}`);
}

/** The effect log as JSON lines, and the way to begin a new one. */
function effectRoutes(app: FastifyInstance, effects: EffectLog, numbering: Numbering): void {
  app.get('/effects', (_request, reply) => {
    reply.header('content-type', 'application/x-ndjson').send(Readable.from(linesOf(effects.files)));
  });
  app.delete('/effects', (_request, reply) => {
    effects.clear();
    numbering.clear();
    reply.code(204).send();
  });
}

async function* linesOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file);
}
