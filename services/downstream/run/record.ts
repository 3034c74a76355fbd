import type { Faults } from '#downstream/faults/faults.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import { exportFaults } from '#kit/fault/active-faults.ts';
import type { Metrics } from '#kit/metrics.ts';
import { outcomes } from '#kit/wire.ts';
import type { RunStatus } from './config.ts';

/** Exports what the lab says of a run, as a load that is a process of its own would, and its faults beside downstream's own. */
export class RunRecord {
  readonly #clock: Clock;
  readonly #count: (news: RunStatus, before: RunStatus) => void;
  #last: RunStatus | undefined;
  #current: RunStatus | undefined;
  #lease: Timer;

  constructor(metrics: Metrics, clock: Clock, own: Pick<Faults, 'list'>) {
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

  /** Takes what is said to hold until its lease is over. Of a variant that it hears of for the first time it counts what comes from then on. */
  tell(news: RunStatus): void {
    this.end();
    this.#count(news, this.#last?.variant === news.variant ? this.#last : news);
    this.#last = news;
    this.#current = news;
    this.#lease = this.#clock.after(news.leaseMs, () => this.end());
  }

  /** There is no run. */
  end(): void {
    this.#clock.cancel(this.#lease);
    this.#current = undefined;
  }
}

/** Adds what has come since; what is less than before has begun anew. */
function counting(metrics: Metrics): (news: RunStatus, before: RunStatus) => void {
  const offered = metrics.counter('spillway_load_offered_total');
  const requests = metrics.counter('spillway_load_requests_total');
  const counterDeltas = (now = 0, then = 0) => Math.max(0, now - then);
  return ({ path, ...news }, before) => {
    offered.inc({ path }, counterDeltas(news.offered, before.offered));
    for (const outcome of outcomes)
      requests.inc({ path, outcome }, counterDeltas(news.ended[outcome], before.ended[outcome]));
  };
}
