import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Storage } from '#kit/process/storage.ts';
import type { slotsByKey } from '#policies/bulkhead/slots.ts';
import type { Call, Work } from '#policies/policy.ts';
import type { policyMetrics } from '#policies/policy-metrics.ts';
import type { InFlight } from './in-flight.ts';
import type { Handle } from './intake.ts';
import type { HandlerSlots } from './slots.ts';

export interface Delivery {
  readonly message: JsMsg;
  readonly work: Work;
  /** See `Handle`. */
  readonly uncounted: boolean;
  /** Highest number that an attempt of an earlier delivery can have. */
  readonly lastAttemptBefore: number;
  /** True if this consumer has seen an attempt of the event fail. */
  readonly hasFailed: boolean;
}

export const attemptsOf = ({ work, lastAttemptBefore }: Delivery): number =>
  work.attempts - lastAttemptBefore;

/** Parts of the consumer that handle deliveries. */
export interface HandlerParts {
  readonly broker: NatsConnection;
  readonly send: Call;
  readonly show: ReturnType<typeof policyMetrics>;
  readonly slots: ReturnType<typeof slotsByKey>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly inFlight: InFlight;
  readonly handlerSlots: HandlerSlots;
  /** Aborts when the consumer stops waiting for its handlers: their deliveries go back to the stream. */
  readonly giveUp: AbortSignal;
  readonly succession: Succession;
}

/** Handles a delivery that has made no attempt, and resolves with its result. */
export type GoOn = (...delivery: Parameters<Handle>) => Promise<string>;

/** Hands waiting deliveries from one configuration to the next. */
export class Succession {
  #next = Promise.withResolvers<GoOn | undefined>();

  /** Resolves when the next configuration begins; with undefined if it takes no deliveries, so that they must go back. */
  next(): Promise<GoOn | undefined> {
    return this.#next.promise;
  }

  /** A configuration begins that goes on with waiting deliveries, or gives back all of them until the next one begins. */
  begin(goOn: GoOn | undefined): void {
    this.#next.resolve(goOn);
    this.#next = Promise.withResolvers();
    if (!goOn) this.#next.resolve(undefined);
  }
}
