import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Storage } from '#kit/process/storage.ts';
import type { slotsByKey } from '#policies/bulkhead/slots.ts';
import type { Call } from '#policies/policy.ts';
import type { policyMetrics } from '#policies/policy-metrics.ts';
import type { Held } from './held.ts';
import type { Places } from './places.ts';
import type { Succession } from './succession.ts';

/** Parts of the consumer that handle one delivery. */
export interface HandlerParts {
  readonly broker: NatsConnection;
  readonly send: Call;
  readonly show: ReturnType<typeof policyMetrics>;
  readonly slots: ReturnType<typeof slotsByKey>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly held: Held;
  readonly places: Places;
  /** Aborts when what is under way can't be waited for any longer: it goes back to the stream. */
  readonly giveUp: AbortSignal;
  readonly succession: Succession;
}
