import { formOf, placeOf } from '#downstream/accepts/config.ts';
import { byLabel, type Samples, total } from '#lab/evidence/samples.ts';
import { kindOf } from '#lab/experiment/faults/kinds.ts';
import { steadyStateOf, untouched } from '#lab/experiment/measures.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { judge } from '#lab/judge/hypotheses/hypothesis.ts';
import { sidesText } from '#lab/judge/hypotheses/sides-text.ts';
import type { Observation } from '#lab/judge/observation/observation.ts';
import { errorsOf } from '#lab/judge/result/facts.ts';
import type { ValidityCheck, VariantResult } from '#lab/judge/result/result.ts';
import { duration, inNumber, number, plural } from '#lab/kit/text/format.ts';
import type { FirstErrors } from '#load/protocol.ts';
import { adviceOnSlowness, limitsOf, type Machine } from './limits.ts';

/** Checks if the measurement itself can be trusted. The limits are those of the experiment. */
export function checkValidity(
  experiment: Experiment,
  variant: VariantResult & { readonly figures: readonly Figure[] },
  observed: Observation,
  machine: Machine,
): ValidityCheck[] {
  return [
    ...timing(experiment, variant, observed.deltas.downstream, machine),
    ...loading(experiment, variant, observed),
    ...accounting(experiment, variant, observed),
    ...wallClocks(experiment, observed),
    ...callForm(experiment, variant, observed),
    ...(variant.redrives.length > 0 ? [redriving(variant)] : []),
    ...steadiness(experiment, variant),
  ].map(({ name, measured, limit = 0, unit, finding, meaning = otherExperiment, remedy, wholeRun }) => ({
    ...{ name, variant: variant.name, ok: measured <= limit, measured, limit, unit },
    ...{ finding, meaning, remedy, ...(wholeRun && { wholeRun }) },
  }));
}

/** True for a check that a slower pace helps to pass. */
export const isOfPace = ({ name }: Pick<ValidityCheck, 'name'>): boolean =>
  name === 'send lag p99' || name === 'sleep excess p99';

export function timing(
  experiment: Experiment,
  {
    self,
    faults,
  }: Pick<VariantResult, 'faults'> & { self: Pick<VariantResult['self'], 'lag' | 'sleepExcess'> },
  downstream: Samples,
  machine: Machine,
): Finding[] {
  const limits = limitsOf(experiment);
  const lagMs = self.lag.p99Ms;
  const excessMs = self.sleepExcess?.p99Ms ?? 0;
  const excessLimitMs = Math.max(limits.sleepExcessP99Ms, limits.sleepExcessRatio * meanSleepMs(downstream));
  const latest = latestOf(experiment, faults, limits.faultDelayMs);
  const advice = adviceOnSlowness(machine);
  return [
    {
      name: 'send lag p99',
      measured: lagMs,
      limit: limits.lagP99Ms,
      unit: 'ms',
      finding: `1 % of requests were sent at least ${duration(lagMs)} late (limit ${duration(limits.lagP99Ms)})`,
      meaning: 'So the load differed from the experiment.',
      remedy: `${advice} ${orAllow('`lagP99Ms`')}`,
    },
    {
      name: 'sleep excess p99',
      measured: excessMs,
      limit: excessLimitMs,
      unit: 'ms',
      finding: `1 % of calls ran at least ${duration(excessMs)} over the model (limit ${duration(excessLimitMs)})`,
      meaning: 'So the dependency differed from the experiment.',
      remedy: `${advice} ${orAllow('`sleepExcessP99Ms`')}`,
    },
    {
      name: 'delay of faults',
      measured: latest.lateMs,
      limit: latest.limitMs,
      unit: 'ms',
      finding: `a fault was ${latest.done} ${duration(latest.lateMs)} late (limit ${duration(latest.limitMs)})`,
      remedy: `${advice} ${latest.done === 'injected' ? earlier : ''}${orAllow('`faultDelayMs`')}`,
    },
  ];
}

/**
 * Returns the delayed begin or end of a fault that exceeds its limit the most. Without `faultDelayMs` in the
 * experiment, the limit for a begin is at most half of the fault's duration.
 */
function latestOf({ faults, validity }: Experiment, results: VariantResult['faults'], usualMs: number) {
  const delays = results.flatMap(({ name, took, asked }) => {
    if (!took) return [];
    const half = (asked.untilMs - asked.fromMs) / 2;
    const limitMs = validity.faultDelayMs ?? Math.min(usualMs, half);
    const begin = { lateMs: Math.max(0, took.fromMs - asked.fromMs), limitMs, done: 'injected' };
    const lateMs = Math.max(0, took.untilMs - asked.untilMs);
    const end = { lateMs, limitMs: usualMs, done: 'cleared' };
    return kindOf(faults.find((fault) => fault.name === name)!).returns ? [begin] : [begin, end];
  });
  const none = { lateMs: 0, limitMs: usualMs, done: 'injected' };
  return delays.toSorted((a, b) => b.lateMs - b.limitMs - (a.lateMs - a.limitMs))[0] ?? none;
}

const earlier = 'Or leave more time after the previous fault on the same target. ';

const orAllow = (options: string): string =>
  `Or allow more with ${options} under \`validity:\` in the experiment. The required field \`reason:\` beside it says why that suffices.`;

function loading(
  experiment: Experiment,
  { name, path, figures }: Parameters<typeof checkValidity>[1],
  { unfinishedWarmUp, warmUpErrors, foreign }: Observation,
): Finding[] {
  const { unsent } = limitsOf(experiment);
  const found = valueIn({ figures }, name, 'unsent') ?? 0;
  const isOwnConsumer = path === 'event' && foreign.includes('consumer');
  return [
    {
      name: 'unsent requests',
      measured: found,
      limit: unsent,
      unit: 'requests',
      finding: `${plural(found, 'request')} found no free connection (limit ${number(unsent)})`,
      meaning: 'So the load differed from the experiment.',
      remedy:
        'Set more `connections` in the experiment, or allow more by `unsent` under `validity:`. The required field `reason:` beside it says why that suffices.',
    },
    {
      name: 'warm-up requests without an end',
      measured: unfinishedWarmUp,
      unit: 'requests',
      finding: `${plural(unfinishedWarmUp, 'request')} of the warm-up, or their attempts, did not end before the load began${whyOf(warmUpErrors)}`,
      meaning:
        'So connections or code may have been cold, and the rest of the warm-up overlapped with the load.',
      remedy: `${isOwnConsumer ? 'Check that your consumer runs and pulls. ' : ''}Look in the log of the service for the reason, or use a shorter warm-up, e.g. \`warmup: { requests: 100, concurrency: 5 }\` in the experiment.`,
    },
  ];
}

/** Finds that the broker lost its counts, although the experiment has no fault of the broker. */
function brokerChanges({ faults }: Experiment, { remains, foreign }: Observation): string[] {
  const mayLose = foreign.includes('consumer') || faults.some(({ target }) => /^nats/.test(target));
  if (!remains || remains.deliveries !== undefined || mayLose) return [];
  return ['the broker was restarted, or its stream or consumer was deleted'];
}

function accounting(experiment: Experiment, { ledger }: VariantResult, observed: Observation): Finding[] {
  const { injected, atWork, stalls } = observed;
  const byHand = [...observed.tamperings, ...brokerChanges(experiment, observed)];
  const differences = ledger.checks.filter(({ ok }) => !ok).length;
  const missed = experiment.faults.length - injected.length;
  return [
    {
      name: 'attempts still at work',
      measured: atWork,
      unit: 'attempts',
      finding: `the system still worked on ${plural(atWork, 'attempt')} when the drain ended`,
      meaning: 'So some effects are not counted.',
      remedy: 'Set a longer `drainMs` in the experiment.',
    },
    {
      name: 'ledger differences',
      measured: differences,
      unit: 'checks',
      finding: `${plural(differences, 'count')} of the ledger ${inNumber(differences, 'differs', 'differ')} between its sources`,
      meaning: 'So none of the figures can be trusted.',
      remedy: 'See the ledger in the report for the contradicting counts.',
      wholeRun: true,
    },
    {
      name: 'faults not injected',
      measured: missed,
      unit: 'faults',
      finding: `${plural(missed, 'fault')} ${inNumber(missed, 'was', 'were')} not injected or not cleared`,
      remedy: 'Look in the logs of the run for the reason.',
    },
    {
      name: 'changes by hand',
      measured: byHand.length,
      unit: 'changes',
      finding: `something other than the lab changed the testbed in ${plural(byHand.length, 'way')}: ${byHand.join('; ')}`,
      remedy: 'Do not change configurations, faults, proxies or streams during a run.',
      wholeRun: true,
    },
    {
      name: 'stalls not recorded',
      measured: stalls.incomplete.length,
      unit: 'processes',
      finding: `the list of stalls was full in ${stalls.incomplete.join(', ')}`,
      meaning: 'So a stall may be missing.',
      remedy: 'Offer less, or run for a shorter time.',
    },
  ];
}

/** Checks the wall clocks from which the consumer computes the time that is left for an event. */
function wallClocks(experiment: Experiment, { clocks }: Observation): Finding[] {
  const differMs = clocks?.wallDifferenceMs;
  if (differMs === undefined) return [];
  const limitMs = limitsOf(experiment).lagP99Ms;
  return [
    {
      name: 'wall clocks of broker and consumer',
      measured: differMs,
      limit: limitMs,
      unit: 'ms',
      finding: `the wall clocks of broker and consumer may differ by up to ${duration(differMs)} (limit ${duration(limitMs)})`,
      meaning: 'So the policy `deadline` may have given events more or less time than their callers had.',
      remedy:
        'Synchronise the clocks of the machines, e.g. with chrony, or use a faster network between lab and consumer.',
      wholeRun: true,
    },
  ];
}

/**
 * Checks the form of the calls that your own service makes. A call of another form counts only if downstream accepted
 * none at all, since a service may also probe its dependency.
 */
function callForm(experiment: Experiment, { name }: VariantResult, { deltas }: Observation): Finding[] {
  const { accepts } = experiment.variants[name]?.downstream ?? experiment.downstream;
  if (!accepts) return [];
  const refused = byLabel(deltas.downstream, 'spillway_refused_calls_total', 'reason');
  const { id = 0, form = 0 } = refused;
  const isForm = id === 0 && total(deltas.downstream, 'spillway_attempts_total') === 0;
  return [
    {
      name: 'calls in another form',
      measured: isForm ? form : id,
      unit: 'calls',
      finding: isForm
        ? `downstream accepted no call, and refused ${plural(form, 'call')} that ${inNumber(form, 'was', 'were')} not ${formOf(accepts)}`
        : `downstream refused ${plural(id, 'call')} without the id of a request ${placeOf(accepts)}`,
      meaning: 'So the service did not work on these requests, and the ledger does not know which they are.',
      remedy: 'Change `accepts` of downstream to the form in which your service calls its dependency.',
    },
  ];
}

function redriving({ redrives }: VariantResult): Finding {
  const unfinished = redrives.filter(({ left, failure }) => left > 0 || failure !== null);
  const reasons = unfinished.map(({ failure }) => failure ?? 'the run was over');
  return {
    name: 'redrives unfinished',
    measured: unfinished.length,
    unit: 'redrives',
    finding: `${plural(unfinished.length, 'redrive')} ended before all dead letters were sent (${reasons.join('; ')})`,
    remedy:
      'Begin it while the broker is up and the stream has space. Or begin sooner, set a higher `ratePerSecond`, or a longer `drainMs`.',
  };
}

/** Checks the steady state before the first fault. The effect of a fault on an unhealthy variant would show nothing. */
function steadiness(experiment: Experiment, variant: Parameters<typeof checkValidity>[1]): Finding[] {
  const conditions = steadyStateOf(experiment, variant.name, untouched(experiment));
  if (conditions.length === 0) return [];
  const missed = conditions.map((text) => judge(text, variant.figures)).filter(({ ok }) => !ok);
  return [
    {
      name: 'steady state missed',
      measured: missed.length,
      unit: 'conditions',
      finding: `${plural(missed.length, 'condition')} of the steady state did not hold before the first fault: ${missed.map((each) => `${each.text} (${sidesText(each)})`).join('; ')}`,
      meaning: 'So the rest of the variant shows nothing about the fault.',
      remedy:
        'Offer less or give the variant more capacity, until it is healthy without faults. Or expect less under `steadyState`.',
    },
  ];
}

function meanSleepMs(downstream: Samples): number {
  const sleeps = total(downstream, 'spillway_sleep_excess_seconds_count');
  return sleeps > 0 ? (total(downstream, 'spillway_modelled_sleep_seconds_total') / sleeps) * 1000 : 0;
}

type Finding = Omit<ValidityCheck, 'variant' | 'ok' | 'limit' | 'meaning'> &
  Partial<Pick<ValidityCheck, 'limit' | 'meaning'>>;

const otherExperiment = 'So the run differed from the experiment.';

function whyOf(firstErrors: FirstErrors): string {
  const reasons = errorsOf({ firstErrors }).map(({ reason, count }) => `"${reason}" ${number(count)}×`);
  return reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
}
