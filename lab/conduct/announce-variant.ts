import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import type { OpenTestbed } from '#lab/world/world.ts';
import { phaseSpans } from '#load/phases.ts';
import type { Progress } from '#load/protocol.ts';

/** Announces that a variant begins, and returns functions that announce its progress. */
export function announceVariant(
  announcement: OpenTestbed['announcement'],
  experiment: Experiment,
  name: string,
) {
  const { variants, deadlineMs, load } = experiment;
  const phases = phaseSpans(load);
  const phaseAt = (ms: number) => phases.find(({ span }) => ms >= span.fromMs && ms < span.untilMs)?.name;
  const { path } = variants[name]!;
  announcement.announce({ variant: name, path, deadlineMs, faults: [], offered: 0, ended: {} });
  return {
    counted({
      elapsedMs,
      offered,
      outcomes: { pending: _, ...ended },
      latencies,
    }: Omit<Progress, 'lags'>): void {
      announcement.change({ offered, ended, latencies, phase: phaseAt(elapsedMs) });
    },
    faultsChanged(faults: readonly Fault[]): void {
      const active = faults.map(({ name, target, fault }) => ({ name, target, kind: fault.kind }));
      announcement.change({ faults: active });
    },
    over({ offered, outcomes, latencies }: Omit<Progress, 'lags'>): void {
      announcement.change({ offered, ended: outcomes, latencies, phase: undefined });
    },
  };
}
