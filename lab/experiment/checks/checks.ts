import { contradictions, type DownstreamConfig } from '#downstream/config.ts';
import { nearestOrAll } from '#kit/schema/nearest.ts';
import { escapePointer, within } from '#kit/schema/problems.ts';
import { isName, nameExpected, seedMax } from '#kit/schema/schema.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Given, hypothesisProblems } from '#lab/experiment/hypothesis/grammar.ts';
import { recoveryPhases } from '#lab/experiment/measures.ts';
import { seedsOf, type ValidParts } from '#lab/experiment/schema.ts';
import { untouched } from '#lab/experiment/steady-state.ts';
import { hasPath } from '#lab/topology/paths.ts';
import { isScalable } from '#load/arrivals/kinds.ts';
import { phaseNames } from '#load/phases.ts';
import { backoffProblems } from '#policies/backoff.ts';
import { classesOf, problems as pipelineProblems } from '#policies/pipeline.ts';
import {
  faultContradictions,
  faultNeeds,
  faultPaths,
  faultRequests,
  faultTargets,
  faultTimes,
} from './faults.ts';
import { earlyPhases, load, longestMs, phases } from './load.ts';
import { predictedProblems } from './predicted.ts';

/** Names in the file, even of invalid variants and faults. */
interface GivenNames {
  readonly variants: readonly string[];
  readonly faults: readonly string[];
}

type Check = (experiment: ValidParts, named: GivenNames) => Iterable<LocatedProblem>;

/** Reports what the schema can't say: fields that contradict each other, or name what doesn't exist. */
export function crossCheck(experiment: ValidParts, named: GivenNames): LocatedProblem[] {
  const checks: Check[] = [
    times,
    seeds,
    load,
    phases,
    classes,
    variants,
    predictions,
    dependencies,
    faultNames,
    faultTargets,
    faultPaths,
    faultContradictions,
    faultRequests,
    faultTimes,
    faultNeeds,
    redrives,
    capacity,
    validity,
    steadyState,
    hypotheses,
  ];
  return checks.flatMap((check) => [...check(experiment, named)]);
}

const atMostConnections = (pointer: string, connections: number, got: number): LocatedProblem => ({
  pointer,
  elsewhere: '/connections',
  message: `expected a number <= connections (${connections}), got ${got}`,
});

const times: Check = function* ({ deadlineMs = 0, drainMs, warmup, connections = Infinity }) {
  if (drainMs !== undefined && drainMs < deadlineMs)
    yield {
      pointer: '/drainMs',
      elsewhere: '/deadlineMs',
      message: `expected a number >= deadlineMs (${deadlineMs}), got ${drainMs}`,
    };
  if (warmup && warmup.concurrency > connections)
    yield atMostConnections('/warmup/concurrency', connections, warmup.concurrency);
};

const seeds: Check = function* (experiment) {
  const last = seedsOf(experiment).at(-1)!;
  const message = `expected a last seed (seed + repeat - 1) <= ${seedMax}, got ${last}`;
  if (last > seedMax) yield { pointer: '/repeat', elsewhere: '/seed', message };
};

const variants: Check = function* ({ variants = {}, connections = Infinity }) {
  for (const [name, { policies, callers = 0, ...variant }] of Object.entries(variants)) {
    const pointer = `/variants/${escapePointer(name)}`;
    yield* pipelineProblems(policies, `${pointer}/policies`);
    if (callers > connections) yield atMostConnections(`${pointer}/callers`, connections, callers);
    if (variant.path !== 'event') continue;
    const problems = backoffProblems(variant.consumer.redelivery.backoff);
    yield* within(`${pointer}/consumer/redelivery/backoff`, problems);
  }
};

const predictions: Check = function* (experiment, named) {
  for (const [name, variant] of Object.entries(experiment.variants ?? {})) {
    const pointer = `/variants/${escapePointer(name)}/predicted`;
    const given = givenBy(experiment, { ...named, variants: [name] });
    yield* predictedProblems(variant?.predicted ?? {}, pointer, given);
  }
};

/** Reports class names that aren't names, shares over 1 in total, and unknown classes. */
const classes: Check = function* ({ classes, faults = [], variants = {} }) {
  if (!classes) return; // which the schema reports
  const names = Object.keys(classes);
  for (const name of names)
    if (!isName(name))
      yield { pointer: `/classes/${escapePointer(name)}`, message: nameExpected, onKey: true };
  const sum = Object.values(classes).reduce((a, b) => a + b, 0);
  if (sum > 1 + rounding)
    yield { pointer: '/classes', message: `expected shares of at most 1 together, got ${sum}` };
  const hint = (name: string) =>
    names.length > 0 ? nearestOrAll(name, names) : 'the experiment has no classes';
  const meant = [
    ...faults.flatMap((each, index) =>
      each && 'class' in each.fault && each.fault.class !== undefined
        ? [{ pointer: `/faults/${index}/fault/class`, name: each.fault.class }]
        : [],
    ),
    ...Object.entries(variants).flatMap(([name, variant]) =>
      variant ? within(`/variants/${escapePointer(name)}/policies`, classesOf(variant.policies)) : [],
    ),
  ];
  for (const { pointer, name } of meant)
    if (!names.includes(name)) yield { pointer, message: `unknown class ${name}, ${hint(name)}` };
};

const rounding = 1e-9;

/** Reports dependencies that contradict themselves, and brownouts of one without a capacity to lose. */
const dependencies: Check = function* ({ downstream, variants = {}, faults = [] }) {
  const all = [
    ['/downstream', downstream] as const,
    ...Object.entries(variants).map(
      ([name, variant]) => [`/variants/${escapePointer(name)}/downstream`, variant?.downstream] as const,
    ),
  ].flatMap(([pointer, config]) => (config ? [{ pointer, config: config as DownstreamConfig }] : []));
  for (const { pointer, config } of all) yield* within(pointer, contradictions(config));
  const other = all.find(({ config }) => config.model.kind !== 'congestion');
  for (const [index, fault] of faults.entries())
    if (other && fault?.fault.kind === 'brownout')
      yield {
        pointer: `/faults/${index}/fault/kind`,
        elsewhere: `${other.pointer}/model`,
        message: `expected a downstream with the model congestion, got ${other.config.model.kind}, which has no capacity to lose`,
      };
};

const faultNames: Check = function* ({ faults = [] }) {
  for (const [index, fault] of faults.entries()) {
    if (!fault) continue;
    const { name } = fault;
    const pointer = `/faults/${index}/name`;
    if (!isName(name)) yield { pointer, message: `${nameExpected}, got ${JSON.stringify(name)}` };
    else if (faults.findIndex((other) => other?.name === name) < index)
      yield { pointer, message: `expected a unique name, got "${name}" again` };
  }
};

const redrives: Check = function* ({ redrives = [], variants = {}, load: phases, drainMs, seed }) {
  const runMs = longestMs(phases, drainMs, seed);
  const isPathKnown = Object.values(variants).every((variant) => variant !== undefined);
  if (redrives.length > 0 && isPathKnown && !hasPath({ variants }, 'event'))
    yield {
      pointer: '/redrives',
      message: 'expected a variant of path event, since only events have dead letters',
    };
  for (const [index, redrive] of redrives.entries())
    if (redrive && redrive.atMs >= runMs)
      yield {
        pointer: `/redrives/${index}/atMs`,
        message: `expected a time within load and drain (${runMs} ms), got ${redrive.atMs} ms`,
      };
};

const capacity: Check = function* ({ capacity, load = [] }) {
  for (const [index, phase] of load.entries())
    if (capacity && phase && !isScalable(phase.arrivals))
      yield {
        pointer: `/load/${index}/arrivals`,
        elsewhere: '/capacity',
        message: `expected arrivals whose rate can be scaled to the capacity, got ${phase.arrivals.kind}`,
      };
};

const validity: Check = function* ({ validity: { reason, ...limits } = {} }) {
  if (reason === undefined && Object.keys(limits).length > 0)
    yield { pointer: '/validity', message: 'missing required field reason: say why these limits suffice' };
};

const hypotheses: Check = (experiment, named) =>
  unreadable(experiment.hypothesis, '/hypothesis', givenBy(experiment, named));

const steadyState: Check = (experiment, named) => {
  const window = untouched(experiment);
  const message =
    'expected faults, the first later than deadlineMs, since steadyState judges the requests before it';
  if (experiment.steadyState?.length && !window) return [{ pointer: '/steadyState', message }];
  const given = givenBy(experiment, { ...named, variants: [] });
  const subject = window && { variant: 'each', window };
  return unreadable(experiment.steadyState, '/steadyState', { ...given, subject });
};

const givenBy = (experiment: ValidParts, named: GivenNames): Given => {
  const { load = [], classes, drainMs, recovery } = experiment;
  return {
    ...named,
    baseless: isEarly(experiment)
      ? [...(recovery?.relativeTo === 'before' ? ['timeToRecover'] : []), 'lostGoodput', 'metastable']
      : [],
    phases: phaseNames(load),
    classes: classes && Object.keys(classes),
    drainMs,
  };
};

/** True if a fault, or a phase whose recovery is judged, begins before a request can have been judged. */
function isEarly(experiment: ValidParts): boolean {
  const { faults = [], deadlineMs = 0 } = experiment;
  const recoveryPhaseNames = recoveryPhases(experiment);
  return (
    faults.some((fault) => fault && fault.atMs <= deadlineMs) ||
    earlyPhases(experiment).some((name) => recoveryPhaseNames.includes(name))
  );
}

function* unreadable(
  texts: readonly (string | undefined)[] = [],
  pointer: string,
  given: Given,
): Iterable<LocatedProblem> {
  for (const [index, text] of texts.entries())
    for (const { column, message } of text === undefined ? [] : hypothesisProblems(text, given))
      yield { pointer: `${pointer}/${index}`, message, offset: column - 1 };
}
