import { escapePointer, within } from '#kit/schema/problems.ts';
import { isName, nameExpected, seedMax } from '#kit/schema/schema.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Given, HypothesisError, parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { phasesGotOver } from '#lab/experiment/measures.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { untouched } from '#lab/experiment/steady-state.ts';
import type { ValidParts } from '#lab/experiment/valid-parts.ts';
import { hasPath } from '#lab/topology/paths.ts';
import { isScalable } from '#load/arrivals/kinds.ts';
import { phaseNames } from '#load/phases.ts';
import { backoffProblems } from '#policies/backoff.ts';
import { problems as pipelineProblems } from '#policies/pipeline.ts';
import { classes } from './classes.ts';
import { dependencies } from './downstream.ts';
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

/** What the file names, also where the rest of it is refused. */
interface Named {
  readonly variants: readonly string[];
  readonly faults: readonly string[];
}

type Check = (experiment: ValidParts, named: Named) => LocatedProblem[];

/** What the schema can't say: fields that contradict each other, or what is not there. */
export function crossCheck(experiment: ValidParts, named: Named): LocatedProblem[] {
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
  return checks.flatMap((check) => check(experiment, named));
}

const times: Check = ({ deadlineMs = 0, drainMs, warmup, connections }) => {
  const problems: LocatedProblem[] = [];
  if (drainMs !== undefined && drainMs < deadlineMs)
    problems.push({
      pointer: '/drainMs',
      elsewhere: '/deadlineMs',
      message: `expected a number >= deadlineMs (${deadlineMs}), got ${drainMs}`,
    });
  if (warmup && connections !== undefined && warmup.concurrency > connections)
    problems.push({
      pointer: '/warmup/concurrency',
      elsewhere: '/connections',
      message: `expected a number <= connections (${connections}), got ${warmup.concurrency}`,
    });
  return problems;
};

const seeds: Check = (experiment) => {
  const last = seedsOf(experiment).at(-1)!;
  if (last <= seedMax) return [];
  const message = `expected a last seed (seed + repeat - 1) <= ${seedMax}, got ${last}`;
  return [{ pointer: '/repeat', elsewhere: '/seed', message }];
};

const variants: Check = ({ variants = {}, connections = Number.POSITIVE_INFINITY }) =>
  Object.entries(variants).flatMap(([name, variant]) => {
    const pointer = `/variants/${escapePointer(name)}`;
    return [
      ...pipelineProblems(variant.policies, `${pointer}/policies`),
      ...((variant.callers ?? 0) > connections
        ? [
            {
              pointer: `${pointer}/callers`,
              elsewhere: '/connections',
              message: `expected a number <= connections (${connections}), got ${variant.callers}`,
            },
          ]
        : []),
      ...(variant.path === 'event'
        ? within(
            `${pointer}/consumer/redelivery/backoff`,
            backoffProblems(variant.consumer.redelivery.backoff),
          )
        : []),
    ];
  });

const predictions: Check = (experiment, named) =>
  Object.entries(experiment.variants ?? {}).flatMap(([name, variant]) => {
    const pointer = `/variants/${escapePointer(name)}/predicted`;
    return predictedProblems(
      variant?.predicted ?? {},
      pointer,
      givenBy(experiment, { ...named, variants: [name] }),
    );
  });

const faultNames: Check = ({ faults = [] }) =>
  faults.flatMap((fault, index) => {
    if (!fault) return [];
    const { name } = fault;
    const pointer = `/faults/${index}/name`;
    const again = faults.findIndex((other) => other?.name === name) < index;
    if (!isName(name)) return [{ pointer, message: `${nameExpected}, got ${JSON.stringify(name)}` }];
    return again ? [{ pointer, message: `expected a name of its own, got "${name}" again` }] : [];
  });

const redrives: Check = ({ redrives = [], variants = {}, load: phases, drainMs, seed }) => {
  const runMs = longestMs(phases, drainMs, seed);
  const pathless = Object.values(variants).some((variant) => variant === undefined);
  const none: LocatedProblem[] =
    redrives.length > 0 && !pathless && !hasPath({ variants }, 'event')
      ? [
          {
            pointer: '/redrives',
            message: 'expected a variant of path event, whose dead letters are redriven',
          },
        ]
      : [];
  const late = redrives.flatMap((redrive, index) =>
    redrive && redrive.atMs >= runMs
      ? [
          {
            pointer: `/redrives/${index}/atMs`,
            message: `expected a time within load and drain (${runMs} ms), got ${redrive.atMs} ms`,
          },
        ]
      : [],
  );
  return [...none, ...late];
};

const capacity: Check = ({ capacity, load = [] }) =>
  load.flatMap((phase, index) =>
    !capacity || !phase || isScalable(phase.arrivals)
      ? []
      : [
          {
            pointer: `/load/${index}/arrivals`,
            elsewhere: '/capacity',
            message: `expected arrivals whose rate can be scaled to the capacity, got ${phase.arrivals.kind}`,
          },
        ],
  );

const validity: Check = ({ validity: { reason, ...limits } = {} }) =>
  reason === undefined && Object.keys(limits).length > 0
    ? [{ pointer: '/validity', message: 'expected a field reason that says why these limits suffice' }]
    : [];

const hypotheses: Check = (experiment, named) => {
  const given = givenBy(experiment, named);
  return (experiment.hypothesis ?? []).flatMap((text, index) => unread(text, `/hypothesis/${index}`, given));
};

const steadyState: Check = (experiment, named) => {
  const { steadyState = [] } = experiment;
  const window = untouched(experiment);
  if (steadyState.length > 0 && !window)
    return [
      {
        pointer: '/steadyState',
        message: 'expected faults, the first later than deadlineMs, since what is due before that must hold',
      },
    ];
  const given = {
    ...givenBy(experiment, { ...named, variants: [] }),
    subject: window && { variant: 'each', window },
  };
  return steadyState.flatMap((text, index) => unread(text, `/steadyState/${index}`, given));
};

const givenBy = (experiment: ValidParts, named: Named): Given => {
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

/** Whether a fault, or a phase that is got over, begins before a request can have been judged. */
function isEarly(experiment: ValidParts): boolean {
  const { faults = [], deadlineMs = 0 } = experiment;
  const gotOver = phasesGotOver(experiment);
  return (
    faults.some((fault) => fault && fault.atMs <= deadlineMs) ||
    earlyPhases(experiment).some((name) => gotOver.includes(name))
  );
}

/** What keeps a hypothesis from being read. */
function unread(text: string | undefined, pointer: string, given: Given): LocatedProblem[] {
  if (text === undefined) return [];
  try {
    parseHypothesis(text, given);
    return [];
  } catch (error) {
    if (!(error instanceof HypothesisError)) throw error;
    return error.problems.map(({ column, message }) => ({ pointer, message, offset: column - 1 }));
  }
}
