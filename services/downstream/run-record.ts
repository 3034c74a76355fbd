import type { FastifyInstance } from 'fastify';
import type { Clock, Timer } from '#kit/clock.ts';
import { addAll, emptyDistribution } from '#kit/counters.ts';
import { exportFaults, type LeasedFaults } from '#kit/fault/leased-faults.ts';
import { buckets, type Metrics } from '#kit/metrics.ts';
import { outcomes } from '#kit/wire.ts';
import { RunStatus } from './config.ts';

/**
 * Serves the routes that receive the status of a run and its end. Until the lease of the status ends, exports the run's
 * figures under the same metric names as a separate load process. Exports the run's faults beside downstream's own.
 */
export function runRoutes(
  app: FastifyInstance,
  metrics: Metrics,
  clock: Clock,
  own: Pick<LeasedFaults<{ readonly kind: string }>, 'list'>,
): void {
  let last: RunStatus | undefined;
  let current: RunStatus | undefined;
  let lease: Timer;
  exportFaults(metrics, () => [
    ...own.list().map(({ name, kind }) => ({ name, target: 'downstream', kind })),
    ...(current?.faults ?? []),
  ]);
  metrics.gauge('spillway_run_variant', () => (current ? [[{ variant: current.variant }, 1]] : []));
  metrics.gauge('spillway_load_phase', () =>
    current?.phase === undefined ? [] : [[{ phase: current.phase }, 1]],
  );
  metrics.gauge('spillway_load_deadline_seconds', () => (current ? current.deadlineMs / 1000 : null));
  const count = deltaCounters(metrics);

  const end = () => {
    clock.cancel(lease);
    current = undefined;
  };
  app.put<{ Body: RunStatus }>('/run', { schema: { body: RunStatus } }, ({ body }, reply) => {
    end();
    // The first status of a variant is only the base from which later ones count.
    count(body, last?.variant === body.variant ? last : body);
    last = body;
    current = body;
    lease = clock.after(body.leaseMs, end);
    reply.code(204).send();
  });
  app.delete('/run', (_request, reply) => {
    end();
    reply.code(204).send();
  });
  app.addHook('onClose', async () => end());
}

const none = emptyDistribution(buckets);

/** Returns a function that adds to the counters what has increased since the previous status. */
function deltaCounters(metrics: Metrics): (status: RunStatus, before: RunStatus) => void {
  const offered = metrics.counter('spillway_load_offered_total');
  const requests = metrics.counter('spillway_load_requests_total');
  const latency = metrics.histogram('spillway_load_latency_seconds');
  const delta = (now = 0, then = 0) => Math.max(0, now - then);
  return ({ path, variant, ...status }, before) => {
    offered.inc({ path, variant }, delta(status.offered, before.offered));
    for (const outcome of outcomes)
      requests.inc({ path, variant, outcome }, delta(status.ended[outcome], before.ended[outcome]));
    const { latencies: now = none } = status;
    const { latencies: then = none } = before;
    if (now.count > then.count) latency.add({ path, variant }, addAll(structuredClone(now), then, -1));
  };
}
