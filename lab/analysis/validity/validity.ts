import { evidence } from '#lab/analysis/hypotheses/evidence.ts';
import { missedBy } from '#lab/analysis/hypotheses/hypothesis.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { steadyStateOf, untouched } from '#lab/experiment/steady-state.ts';
import { kindOf } from '#lab/faults/kinds.ts';
import type { ValidityCheck, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, number, plural } from '#lab/text/format.ts';
import { calm, type Machine } from './calm.ts';
import { whyOf } from './first-errors.ts';
import { inertFaults } from './inert-faults.ts';
import { limitsOf } from './limits.ts';
import type { Probe } from './probe.ts';
import { tampering } from './tampering.ts';

/** Whether the measurement itself can be trusted, by the experiment's limits. */
export function checkValidity(
  experiment: Experiment,
  variant: VariantResult,
  observed: Observation,
  machine: Machine,
): ValidityCheck[] {
  return [
    ...timing(experiment, variant, observed, machine),
    ...counting(experiment, variant, observed),
    ...tampering(observed),
    ...affecting(experiment, variant, observed),
    ...redriving(variant),
    ...steadiness(experiment, variant, observed),
  ].map((probe) => ({ ...probe, variant: variant.name, ok: probe.measured <= probe.limit }));
}

function timing(
  experiment: Experiment,
  { self, faults = [] }: VariantResult,
  { deltas }: Observation,
  machine: Machine,
): Probe[] {
  const limits = limitsOf(experiment);
  const lagMs = self.lag.p99Ms;
  const excessMs = self.sleepExcess?.p99Ms ?? 0;
  const excessLimitMs = Math.max(
    limits.sleepExcessP99Ms,
    limits.sleepExcessRatio * meanSleepMs(deltas.downstream),
  );
  const latest = latestOf(experiment, faults, limits.faultDelayMs);
  const advice = calm(machine);
  const remedy = `${advice} ${orAllow('`lagP99Ms` and `sleepExcessP99Ms`')}`;
  return [
    {
      name: 'send lag p99',
      measured: lagMs,
      limit: limits.lagP99Ms,
      unit: 'ms',
      finding: `one request in a hundred was sent ${duration(lagMs)} late or later, where ${duration(limits.lagP99Ms)} are allowed`,
      meaning: 'So the load was not the one described.',
      remedy,
    },
    {
      name: 'sleep excess p99',
      measured: excessMs,
      limit: excessLimitMs,
      unit: 'ms',
      finding: `one attempt in a hundred took downstream ${duration(excessMs)} longer than its model said or more, where ${duration(excessLimitMs)} are allowed`,
      meaning: 'So the dependency was not the one described.',
      remedy,
    },
    {
      name: 'delay of faults',
      measured: latest.delayMs,
      limit: latest.limitMs,
      unit: 'ms',
      finding: `a fault ${latest.did(duration(latest.delayMs))}, where ${duration(latest.limitMs)} are allowed`,
      meaning: 'So the experiment was not the one described.',
      remedy: `${advice} ${latest.remedy}${orAllow('`faultDelayMs`')}`,
    },
  ];
}

interface Delay {
  readonly delayMs: number;
  readonly limitMs: number;
  readonly did: (late: string) => string;
  /** What helps beside a calm machine. */
  readonly remedy: string;
}

/**
 * Of how late faults took hold and were gone, what exceeds its limit the most. One that begins when half of its time is over
 * is not the one that was asked for, so that is too late unless more is allowed.
 */
function latestOf(
  { faults, validity }: Experiment,
  results: NonNullable<VariantResult['faults']>,
  usual: number,
): Delay {
  const delays = results.flatMap(({ name, took, asked }) => {
    if (!took) return [];
    const half = (asked.untilMs - asked.fromMs) / 2;
    const begin = beginning(took.fromMs - asked.fromMs, validity.faultDelayMs ?? Math.min(usual, half));
    const { returns } = kindOf(faults.find((fault) => fault.name === name)!);
    return returns ? [begin] : [begin, ending(took.untilMs - asked.untilMs, usual)];
  });
  const excess = ({ delayMs, limitMs }: Delay) => delayMs - limitMs;
  return delays.toSorted((a, b) => excess(b) - excess(a))[0] ?? beginning(0, usual);
}

const beginning = (lateMs: number, limitMs: number): Delay => ({
  delayMs: Math.max(0, lateMs),
  limitMs,
  did: (late) => `took hold ${late} after its time`,
  remedy: 'Or leave more time after the previous fault on the same target, which is cleared first. ',
});

const ending = (lateMs: number, limitMs: number): Delay => ({
  delayMs: Math.max(0, lateMs),
  limitMs,
  did: (late) => `was gone ${late} after its end`,
  remedy: '',
});

const orAllow = (options: string): string =>
  `Or allow more with ${options} under \`validity:\` in the experiment. The field \`reason:\` beside it, which is required, says why that suffices.`;

function counting(
  experiment: Experiment,
  { path, outcomes, ledger }: VariantResult,
  { injected, unsteady, unwarmed, warmUpErrors, atWork, foreign }: Observation,
): Probe[] {
  const { unsent } = limitsOf(experiment);
  const differences = ledger.checks.filter(({ ok }) => !ok).length;
  const isOwnConsumer = path === 'event' && foreign.includes('consumer');
  const missed = unsteady.length > 0 ? 0 : experiment.faults.length - injected.length;
  return [
    {
      name: 'unsent requests',
      measured: outcomes.unsent,
      limit: unsent,
      unit: 'requests',
      finding: `for ${plural(outcomes.unsent, 'request')} there was no connection left, where ${unsent === 0 ? 'none' : number(unsent)} may go unsent`,
      meaning: 'So the load was not the one described.',
      remedy:
        'Set more `connections` in the experiment; or allow more by `unsent` under `validity:`. The field `reason:` beside it, which is required, says why that suffices.',
    },
    {
      name: 'warm-up requests without an end',
      measured: unwarmed,
      limit: 0,
      unit: 'requests',
      finding: `${plural(unwarmed, 'request')} of the warm-up, or attempts of theirs, came to no end before the load began${whyOf(warmUpErrors)}`,
      meaning:
        'So connections or code may have been cold, and what was left of the warm-up went on beside the load.',
      remedy: `${isOwnConsumer ? 'Is your consumer running and pulling? ' : ''}Look in the log of the service why it did not answer; or warm it up with less, e.g. \`warmup: { requests: 100, concurrency: 5 }\` in the experiment.`,
    },
    {
      name: 'attempts still at work',
      measured: atWork,
      limit: 0,
      unit: 'attempts',
      finding: `the system was still at work on ${plural(atWork, 'attempt')} when the time for it was over`,
      meaning: 'So its effects are not all counted, and the next variant met what was left.',
      remedy: 'Set a longer `drainMs` in the experiment.',
    },
    {
      name: 'ledger differences',
      measured: differences,
      limit: 0,
      unit: 'checks',
      finding: `${plural(differences, 'count')} of the ledger ${inNumber(differences, 'differs', 'differ')} from one witness to another`,
      meaning: 'So none of the figures can be trusted.',
      remedy: 'The ledger in the report says who contradicts whom.',
    },
    {
      name: 'faults not injected',
      measured: missed,
      limit: 0,
      unit: 'faults',
      finding: `${plural(missed, 'fault')} did not take or ${inNumber(missed, 'was', 'were')} not mended`,
      meaning: 'So the experiment was not the one described.',
      remedy: 'Look in the logs of the run why.',
    },
  ];
}

function affecting(experiment: Experiment, variant: VariantResult, observed: Observation): Probe[] {
  const inert = inertFaults(experiment, variant.faults ?? [], observed);
  return [
    {
      name: 'faults that struck nobody',
      measured: inert.length,
      limit: 0,
      unit: 'faults',
      finding: `${plural(inert.length, 'fault')} struck no attempt (${inert.join(', ')}), while downstream worked on`,
      meaning: 'So the experiment was not the one described.',
      remedy: 'Look in the logs of the run, and whether downstream is of the same version.',
    },
  ];
}

function redriving({ redrives = [] }: VariantResult): Probe[] {
  if (redrives.length === 0) return [];
  const unfinished = redrives.filter(({ left, failure }) => left > 0 || failure !== null);
  const reasons = unfinished.map(({ failure }) => failure ?? 'the run was over');
  return [
    {
      name: 'redrives unfinished',
      measured: unfinished.length,
      limit: 0,
      unit: 'redrives',
      finding: `${plural(unfinished.length, 'redrive')} ended before all dead letters had their turn (${reasons.join('; ')})`,
      meaning: 'So the experiment was not the one described.',
      remedy:
        'Let it begin when the broker is there and the stream has room, sooner or with a higher `ratePerSecond`; or set a longer `drainMs`.',
    },
  ];
}

/** Nothing can be learnt from a fault about what was not well before it. */
function steadiness(experiment: Experiment, variant: VariantResult, { unsteady }: Observation): Probe[] {
  const conditions = steadyStateOf(experiment, variant.name, untouched(experiment));
  if (conditions.length === 0) return [];
  const [missed, sequel] =
    unsteady.length > 0 ? [unsteady, ', so nothing was'] : [missedBy(variant, conditions), ''];
  return [
    {
      name: 'steady state missed',
      measured: missed.length,
      limit: 0,
      unit: 'conditions',
      finding: `${plural(missed.length, 'condition')} of the steady state did not hold before anything was broken${sequel}: ${missed.map((each) => `${each.text} (${evidence(each)})`).join('; ')}`,
      meaning: 'So what came after says nothing about the fault.',
      remedy:
        'Offer less or give the variant more, until it does well where nothing is broken; or expect less under `steadyState`.',
    },
  ];
}

/** As the model asked for. */
function meanSleepMs(downstream: Samples): number {
  const sleeps = total(downstream, 'spillway_sleep_excess_seconds_count');
  return sleeps > 0 ? (total(downstream, 'spillway_modelled_sleep_seconds_total') / sleeps) * 1000 : 0;
}
