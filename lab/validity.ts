import { type Samples, total } from './control.ts';
import { limitsOf } from './experiment/limits.ts';
import type { Experiment } from './experiment/schema.ts';
import type { ValidityCheck, VariantResult } from './result.ts';
import type { Observation } from './run/variant.ts';

/** Whether the measurement itself can be trusted, by the experiment's limits. */
export function checkValidity(
  experiment: Experiment,
  variant: VariantResult,
  { summary, injected, grown, unwarmed, atWork }: Observation,
): ValidityCheck[] {
  const limits = limitsOf(experiment);
  const { faults } = experiment;
  const { self, ledger, name, outcomes } = variant;
  const check = (
    checkName: string,
    measured: number,
    limit: number,
    unit: string,
    meaning: string,
  ): ValidityCheck => ({
    name: checkName,
    variant: name,
    ok: measured <= limit,
    measured,
    limit,
    unit,
    meaning,
  });
  return [
    check(
      'send lag p99',
      summary.lag.p99Ms,
      limits.lagP99Ms,
      'ms',
      'The generator sent requests too late, so the load was not the one described.',
    ),
    check(
      'unsent requests',
      outcomes.unsent,
      limits.unsent,
      'requests',
      'The generator ran out of connections, so the load was not the one described.',
    ),
    check(
      'warm-up requests without an end',
      unwarmed,
      0,
      'requests',
      'Connections or code may have been cold when the load began, so the system was not the one described.',
    ),
    check(
      'sleep excess p99',
      self.sleepExcess?.p99Ms ?? 0,
      Math.max(limits.sleepExcessP99Ms, limits.sleepExcessRatio * meanSleepMs(grown.downstream)) +
        pausedMs(faults),
      'ms',
      'Downstream slept longer than its model said, so the dependency was not the one described.',
    ),
    check(
      'attempts still at work',
      atWork,
      0,
      'attempts',
      'Downstream had not ended when the drain was over, so its effects are not all counted and the next variant met what was left; a longer drainMs helps.',
    ),
    check(
      'ledger differences',
      ledger.checks.filter(({ ok }) => !ok).length,
      0,
      'checks',
      'The witnesses contradict each other, so none of the figures can be trusted.',
    ),
    check(
      'faults not injected',
      faults.length - injected.length,
      0,
      'faults',
      'A fault did not take or was not mended, so the experiment was not the one described.',
    ),
  ];
}

/** For how long downstream sleeps on by a fault, which is no error of the measurement. */
function pausedMs(faults: Experiment['faults']): number {
  const pauses = faults.filter(({ target, fault }) => target === 'downstream' && fault.kind === 'pause');
  return Math.max(0, ...pauses.map(({ forMs }) => forMs));
}

/** As the model asked for. */
function meanSleepMs(downstream: Samples): number {
  const sleeps = total(downstream, 'spillway_sleep_excess_seconds_count');
  return sleeps > 0 ? (total(downstream, 'spillway_modelled_sleep_seconds_total') / sleeps) * 1000 : 0;
}
