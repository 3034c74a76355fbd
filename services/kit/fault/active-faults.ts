import type { Metrics } from '#kit/metrics.ts';

/** What a fault is known by. */
interface ActiveFault {
  readonly name: string;
  readonly target: string;
  readonly kind: string;
}

/** Exports the faults that are in force at each scrape. */
export function exportFaults(metrics: Metrics, active: () => readonly ActiveFault[]): void {
  metrics.gauge('spillway_fault_active', function () {
    this.reset();
    for (const { name, target, kind } of active()) this.set({ fault: name, target, kind }, 1);
  });
}
