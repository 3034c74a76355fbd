import type { FastifyInstance } from 'fastify';
import type { Clock, Timer } from '#kit/clock.ts';
import { exportFaults } from '#kit/fault/leased-faults.ts';
import type { Metrics } from '#kit/metrics.ts';
import { outcomes } from '#kit/wire.ts';
import { RunStatus } from './config.ts';

interface OwnFaults {
  list(): readonly { readonly name: string; readonly kind: string }[];
}

/** Exports what the lab reports of a run, as a load in a process of its own would, and its faults beside downstream's own. */
export class RunRecord {
  readonly #clock: Clock;
  readonly #count: (status: RunStatus, before: RunStatus) => void;
  #last: RunStatus | undefined;
  #current: RunStatus | undefined;
  #lease: Timer;

  constructor(metrics: Metrics, clock: Clock, own: OwnFaults) {
    this.#clock = clock;
    this.#count = counting(metrics);
    const current = () => this.#current;
    exportFaults(metrics, () => [
      ...own.list().map(({ name, kind }) => ({ name, target: 'downstream', kind })),
      ...(current()?.faults ?? []),
    ]);
    metrics.gauge('spillway_run_variant', function () {
      this.reset();
      const run = current();
      if (run) this.set({ variant: run.variant }, 1);
    });
    metrics.gauge('spillway_load_phase', function () {
      this.reset();
      const phase = current()?.phase;
      if (phase !== undefined) this.set({ phase }, 1);
    });
    metrics.gauge('spillway_load_deadline_seconds', function () {
      this.remove(); // a reset would leave a 0
      const run = current();
      if (run) this.set(run.deadlineMs / 1000);
    });
  }

  /** Exports a status until its lease is over. Counts from the first status of a variant on. */
  update(status: RunStatus): void {
    this.end();
    this.#count(status, this.#last?.variant === status.variant ? this.#last : status);
    this.#last = status;
    this.#current = status;
    this.#lease = this.#clock.after(status.leaseMs, () => this.end());
  }

  end(): void {
    this.#clock.cancel(this.#lease);
    this.#current = undefined;
  }
}

/** Adds the difference to the status before; a smaller count starts again at 0. */
function counting(metrics: Metrics): (status: RunStatus, before: RunStatus) => void {
  const offered = metrics.counter('spillway_load_offered_total');
  const requests = metrics.counter('spillway_load_requests_total');
  const delta = (now = 0, then = 0) => Math.max(0, now - then);
  return ({ path, ...status }, before) => {
    offered.inc({ path }, delta(status.offered, before.offered));
    for (const outcome of outcomes)
      requests.inc({ path, outcome }, delta(status.ended[outcome], before.ended[outcome]));
  };
}

/** Receives the status of a run, and its end. */
export function runRoutes(app: FastifyInstance, run: RunRecord): void {
  app.put<{ Body: RunStatus }>('/run', { schema: { body: RunStatus } }, ({ body }, reply) => {
    run.update(body);
    reply.code(204).send();
  });
  app.delete('/run', (_request, reply) => {
    run.end();
    reply.code(204).send();
  });
  app.addHook('onClose', async () => run.end());
}
