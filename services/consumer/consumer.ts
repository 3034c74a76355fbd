import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { disconnectBroker, ensureConsumer, ensureStreams } from '#kit/broker/broker.ts';
import { requireBroker, untilAnswered, watchConnection } from '#kit/broker/broker-status.ts';
import { type Clock, deadline, systemClock } from '#kit/clock.ts';
import type { Upstream } from '#kit/http-client/upstream.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { Storage } from '#kit/process/storage.ts';
import { type Problem, within } from '#kit/schema/problems.ts';
import { configParser, type ValidParts } from '#kit/schema/valid-parts.ts';
import type { Service } from '#kit/service.ts';
import { attempt } from '#policies/attempt.ts';
import { backoffProblems } from '#policies/backoff.ts';
import { slotsByKey } from '#policies/bulkhead/slots.ts';
import { problems } from '#policies/pipeline.ts';
import { policyMetrics } from '#policies/policy-metrics.ts';
import { exportBacklog } from './backlog.ts';
import { ConsumerConfig, whilePaused } from './config.ts';
import { handler } from './handler.ts';
import { Held } from './held.ts';
import { Intake } from './intake.ts';
import { Places } from './places.ts';
import { publishReport, reportOf } from './reports.ts';
import { dropSkipping } from './skipped.ts';
import { Succession } from './succession.ts';

interface Parts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The configuration to start with; defaults where nothing is said. Throws InvalidError when it is wrong. */
  readonly initial?: unknown;
  readonly broker: NatsConnection;
  readonly upstream: Upstream;
  readonly clock?: Clock;
}

/** For what is under way when the consumer stops; with what giving back takes, less than the 10 s until it is killed. */
const graceMs = 5000;

const parse = configParser(ConsumerConfig, contradictions);

/** Takes events from the work stream to downstream, and those that can't be delivered to the dead letters. */
export async function consumer({
  log,
  metrics,
  broker,
  upstream,
  clock = systemClock,
  initial = {},
}: Parts): Promise<Service> {
  const connected = watchConnection(broker, () => void lookForSkipped());
  const storage = new Storage(metrics, log);
  const send = attempt(upstream, metrics, clock);
  const show = policyMetrics(metrics);
  exportBacklog(metrics, broker);
  let config = parse(initial);
  const [held, places, succession] = [new Held(clock), new Places(), new Succession()];
  const givingUp = new AbortController();
  const [slots, giveUp] = [slotsByKey(), givingUp.signal];
  const parts = { broker, send, show, slots, metrics, log, storage, clock, held, places, giveUp, succession };
  exportDeliveries(metrics, held, () => config.concurrency);
  let broken: string | undefined;

  const prepare = async ({ ackWaitMs }: ConsumerConfig) => {
    await ensureStreams(broker);
    await ensureConsumer(broker, ackWaitMs);
  };
  const report = (error: unknown) => {
    const before = broken;
    broken = error === undefined ? undefined : `pulling fails: ${(error as Error).message}`;
    if (broken !== before) log.warn(broken ?? 'pulling again');
  };
  /** Untried: its delivery counts, so that it made no attempt is reported, too. */
  const giveBack = (message: JsMsg) => {
    publishReport(broker, reportOf(message, false, 'redelivered', 0));
    message.nak();
  };
  const begin = (next: ConsumerConfig) => {
    upstream.use(next.httpClient);
    held.begin(next.ackWaitMs);
    const { handle, goOn } = handler(next, parts);
    const intake = new Intake(next, places, handle, report, giveBack, clock);
    succession.begin(next.paused ? undefined : goOn);
    if (next.paused) held.hurry();
    else intake.start(broker, next.ackWaitMs);
    report(undefined);
    return intake;
  };
  const lookForSkipped = async () => {
    if (!(await dropSkipping(broker, clock))) return;
    log.warn('the broker skipped events after its crash: its consumer is made anew');
    await ensureConsumer(broker, config.ackWaitMs).catch((err) => log.warn({ err }, 'not yet'));
  };
  /** What is under way goes on: the next intake begins beside it. */
  const end = async () => {
    held.hurry();
    await intake.stop();
  };
  await untilAnswered(() => prepare(config), log);
  let intake = begin(config);
  void lookForSkipped();

  return {
    metrics,
    config: {
      current: () => config,
      parse,
      async apply(next: ConsumerConfig) {
        await requireBroker(broker, connected);
        // What the broker refuses is refused before anything is stopped.
        await storage.following(prepare(next));
        await end();
        intake = begin(next);
        config = next;
      },
    },
    async unready() {
      const missing = connected() ? await upstream.unreachable() : 'the broker is not there';
      return storage.broken ?? broken ?? missing ?? (config.paused ? whilePaused : undefined);
    },
    async stop() {
      succession.begin(undefined);
      await end();
      const finished = places.fewerThan(1);
      await deadline(finished, graceMs, clock).catch(() => givingUp.abort(new Error('the consumer stops')));
      await finished;
      held.stop();
      await disconnectBroker(broker);
      await upstream.close();
    },
  };
}

function exportDeliveries(metrics: Metrics, held: Held, limit: () => number): void {
  metrics.gauge('spillway_deliveries_limit', function () {
    this.set(limit());
  });
  metrics.gauge('spillway_deliveries_held', function () {
    this.set(held.size);
  });
}

function contradictions({ policies = [], redelivery }: ValidParts<ConsumerConfig>): Problem[] {
  return [
    ...problems(policies, '/policies'),
    ...within('/redelivery/backoff', redelivery ? backoffProblems(redelivery.backoff) : []),
  ];
}
