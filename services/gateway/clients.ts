import type { Clock } from '#kit/clock.ts';
import { drawFor } from '#kit/random.ts';
import type { slotsByKey } from '#policies/bulkhead/slots.ts';
import { pipeline } from '#policies/pipeline.ts';
import type { Call } from '#policies/policy.ts';
import type { policyMetrics } from '#policies/policy-metrics.ts';
import type { GatewayConfig } from './config.ts';

interface ClientParts {
  readonly clock: Clock;
  readonly send: Call;
  readonly show: ReturnType<typeof policyMetrics>;
  readonly slots: ReturnType<typeof slotsByKey>;
}

/** Forwards each request to a client that a draw picks. Each client has separate policies; metrics are of all. */
export function sharedBy(
  { clients = 1, policies, seed }: GatewayConfig,
  { clock, send, show, slots }: ClientParts,
): Call {
  const emit = show(Array.from({ length: clients }, () => policies).flat(), clients);
  const calls = Array.from({ length: clients }, (_, client) => {
    const first = client * policies.length;
    return pipeline(policies, {
      clock,
      seed,
      emit: (event, place) => emit(event, first + place),
      slots: (key) => slots(`${client} ${key}`),
    })(send);
  });
  if (clients === 1) return calls[0]!;
  return (work, signal) => calls[Math.floor(drawFor(seed, work.id, 0, 'client') * clients)]!(work, signal);
}
