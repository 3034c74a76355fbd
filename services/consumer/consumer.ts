import { Abort } from '#kit/abort.ts';
import { type Backlog, readBacklog } from '#kit/broker/backlog.ts';
import { ensureConsumer, ensureStreams } from '#kit/broker/broker.ts';
import type { Broker } from '#kit/broker/client.ts';
import {
  appliedWithinMs,
  disconnectBroker,
  requireBroker,
  untilAnswered,
  watchConnection,
} from '#kit/broker/connect.ts';
import { deadline, systemClock } from '#kit/clock.ts';
import type { Upstream } from '#kit/http-client/upstream.ts';
import type { Metrics } from '#kit/metrics.ts';
import { Storage } from '#kit/process/storage.ts';
import { parser, type ValidParts } from '#kit/schema/parser.ts';
import { type Problem, within } from '#kit/schema/problems.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { attempt } from '#policies/attempt.ts';
import { backoffProblems } from '#policies/backoff.ts';
import { maxAttempts, problems } from '#policies/pipeline.ts';
import type { Policy } from '#policies/policy.ts';
import { policyMetrics } from '#policies/policy-metrics.ts';
import { giveBackUntried } from './acknowledge.ts';
import { ConsumerConfig, whilePaused } from './config.ts';
import { handler } from './handler.ts';
import { InFlight } from './in-flight.ts';
import { intakeOf } from './intake.ts';
import { dropSkipping } from './skipped.ts';
import { HandlerSlots } from './slots.ts';

interface ConsumerParts extends ServiceParts {
  readonly broker: Broker;
  readonly upstream: Pick<Upstream, keyof Upstream>;
  /** Opens the user's client, which replaces the policies. */
  readonly client?: (() => Promise<Policy>) | undefined;
}

/** Time for running handlers at a stop. With giving messages back, it stays below the 10 s before a kill. */
const graceMs = 5000;

/** Most attempts of a client in one delivery of an event. Those of the next delivery are numbered after them. */
const clientAttemptsMax = 1000;

const parse = parser(ConsumerConfig, contradictions);

/** Builds the service that delivers events from the work stream to downstream, or else to the dead letters. */
export async function consumer(given: ConsumerParts): Promise<Service> {
  const { log, metrics, broker, upstream, client, clock = systemClock, initial = {} } = given;
  const connected = watchConnection(broker, () => void lookForSkipped());
  const storage = new Storage(metrics, log);
  exportBacklog(metrics, broker);
  let config = parse(initial);
  const [inFlight, handlerSlots] = [new InFlight(clock), new HandlerSlots()];
  const givingUp = new Abort();
  const parts = {
    ...{ broker, metrics, log, storage, clock, inFlight, handlerSlots },
    send: attempt(upstream, metrics, clock),
    show: policyMetrics(metrics),
    giveUp: givingUp.signal,
  };
  metrics.gauge('spillway_deliveries_limit', () => config.concurrency);
  metrics.gauge('spillway_deliveries_held', () => inFlight.size);
  let attemptsPerDelivery = 0;
  let broken: string | undefined;
  const report = (error: unknown) => {
    const before = broken;
    broken = error === undefined ? undefined : `pulling fails: ${(error as Error).message}`;
    if (broken !== before) log.warn(broken ?? 'pulling again');
  };
  const begin = (next: ConsumerConfig, guard: Policy | undefined) => {
    inFlight.begin(next.ackWaitMs);
    // Events in flight have made up to as many as the policies before allow. The pause between variants resets it.
    const most = client ? clientAttemptsMax : maxAttempts(next.policies);
    attemptsPerDelivery = Math.max(next.paused ? 0 : attemptsPerDelivery, most);
    const handle = handler(next, { ...parts, attemptsPerDelivery, guard });
    const giveBack = giveBackUntried(broker);
    const intake = intakeOf(next, { handlerSlots, handle, report, giveBack, clock });
    if (next.paused) inFlight.hurry();
    else intake.start(broker, next.ackWaitMs);
    report(undefined);
    return intake;
  };
  const lookForSkipped = async () => {
    if (!(await dropSkipping(broker, clock))) return;
    log.warn('the broker skipped events after its crash: recreating its consumer');
    await ensureConsumer(broker, config.ackWaitMs).catch((err) => log.warn({ err }, 'not yet'));
  };
  const end = async () => {
    inFlight.hurry();
    await intake.stop();
  };
  await untilAnswered((ms) => prepare(broker, config, ms), log, clock);
  let intake = begin(config, client && (await client()));
  void lookForSkipped();

  return {
    name: 'consumer',
    metrics,
    config: {
      current: () => config,
      parse,
      async apply(next: ConsumerConfig) {
        await requireBroker(broker, connected, clock);
        // Done before the intake stops, since the broker may refuse the new configuration.
        await storage.following(
          untilAnswered((ms) => prepare(broker, next, ms), log, clock, appliedWithinMs),
        );
        const guard = client && (await client());
        await end();
        intake = begin(next, guard);
        config = next;
      },
    },
    async unready() {
      const missing = connected() ? await upstream.unreachable() : 'the broker is unavailable';
      return storage.broken ?? broken ?? missing ?? (config.paused ? whilePaused : undefined);
    },
    async stop() {
      await end();
      const finished = handlerSlots.idle();
      await deadline(finished, graceMs, clock).catch(() => givingUp.abort(new Error('the consumer stops')));
      await finished;
      inFlight.stop();
      await disconnectBroker(broker);
      await upstream.close();
    },
  };
}

async function prepare(broker: Broker, { ackWaitMs }: ConsumerConfig, answerMs?: number): Promise<void> {
  await ensureStreams(broker, undefined, undefined, answerMs);
  await ensureConsumer(broker, ackWaitMs, answerMs);
}

function contradictions({ policies = [], redelivery }: ValidParts<ConsumerConfig>): Problem[] {
  return [
    ...problems(policies, '/policies'),
    ...within('/redelivery/backoff', redelivery ? backoffProblems(redelivery.backoff) : []),
  ];
}

const backlogGauges = {
  spillway_stream_messages: ({ messages }: Backlog) => messages,
  spillway_stream_limit: ({ messagesMax }: Backlog) => messagesMax,
  spillway_stream_oldest_age_seconds: ({ oldestAgeMs }: Backlog) => oldestAgeMs / 1000,
  spillway_stream_pending: ({ pending }: Backlog) => pending,
  spillway_stream_ack_pending: ({ ackPending }: Backlog) => ackPending,
  spillway_stream_redelivered: ({ redelivered }: Backlog) => redelivered,
  spillway_dead_letter_messages: ({ deadLetters }: Backlog) => deadLetters,
  spillway_dead_letter_oldest_age_seconds: (backlog: Backlog) => backlog.oldestDeadLetterAgeMs / 1000,
};

/** Time limit of the broker's answer: half of Prometheus' timeout of a scrape. */
const backlogMs = 500;

/** Exports the broker's backlog. Asks once per scrape; without an answer the gauges are NaN. */
function exportBacklog(metrics: Metrics, broker: Broker): void {
  let asked: Promise<Backlog | undefined> | undefined;
  const ask = () => {
    asked ??= readBacklog(broker, backlogMs)
      .catch(() => undefined)
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };
  for (const [name, read] of Object.entries(backlogGauges)) {
    metrics.gauge(name as keyof typeof backlogGauges, async () => {
      const backlog = await ask();
      return backlog ? read(backlog) : Number.NaN;
    });
  }
}
