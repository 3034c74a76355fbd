import type { FastifyInstance } from 'fastify';
import type { Clock, Timer } from '#kit/clock.ts';
import { exportFaults, type LeasedFaults } from '#kit/fault/leased-faults.ts';
import type { Metrics } from '#kit/metrics.ts';
import { outcomes } from '#kit/wire.ts';
import { RunStatus } from './config.ts';

/** Exports what the lab reports of a run, as a load in a process of its own would, and its faults beside downstream's own. */
export class RunRecord {
  readonly #clock: Clock;
  readonly #count: (status: RunStatus, before: RunStatus) => void;
  #last: RunStatus | undefined;
  #current: RunStatus | undefined;
  #lease: Timer;

  constructor(metrics: Metrics, clock: Clock, own: Pick<LeasedFaults<{ readonly kind: string }>, 'list'>) {
    this.#clock = clock;
    this.#count = counting(metrics);
    exportFaults(metrics, () => [
      ...own.list().map(({ name, kind }) => ({ name, target: 'downstream', kind })),
      ...(this.#current?.faults ?? []),
    ]);
    const variant = metrics.gauge('spillway_run_variant', () => {
      variant.reset();
      if (this.#current) variant.set({ variant: this.#current.variant }, 1);
    });
    const phase = metrics.gauge('spillway_load_phase', () => {
      phase.reset();
      if (this.#current?.phase !== undefined) phase.set({ phase: this.#current.phase }, 1);
    });
    const deadline = metrics.gauge('spillway_load_deadline_seconds', () => {
      deadline.remove(); // a reset would leave a 0
      if (this.#current) deadline.set(this.#current.deadlineMs / 1000);
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
