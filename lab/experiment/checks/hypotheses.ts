import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Given, hypothesisProblems } from '#lab/experiment/hypothesis/grammar.ts';
import { recoveryPhases, untouched } from '#lab/experiment/measures.ts';
import { type ValidParts, validEntries } from '#lab/experiment/schema.ts';
import { phaseNames } from '#load/phases.ts';
import { earlyPhases } from './load.ts';

/** Names of all variants and faults in the file, even of invalid ones. */
export type GivenNames = Pick<Given, 'variants' | 'faults'>;

export const hypotheses = (experiment: ValidParts, named: GivenNames): LocatedProblem[] =>
  unreadable('/hypothesis', experiment.hypothesis, givenBy(experiment, named));

export function steadyState(experiment: ValidParts, named: GivenNames): LocatedProblem[] {
  const window = untouched(experiment);
  const message =
    'expected faults, the first later than deadlineMs, since steadyState judges the requests before it';
  if (experiment.steadyState?.length && !window) return [{ pointer: '/steadyState', message }];
  const given = givenBy(experiment, { ...named, variants: [] });
  const subject = window && { variant: 'each', window };
  return unreadable('/steadyState', experiment.steadyState, { ...given, subject });
}

function givenBy(experiment: ValidParts, named: GivenNames): Given {
  const { load = [], classes, drainMs } = experiment;
  return {
    ...named,
    baseless: isEarly(experiment) ? ['lostGoodput', 'metastable'] : [],
    phases: phaseNames(load),
    classes: classes && Object.keys(classes),
    drainMs,
  };
}

/**
 * True if a fault, or a phase whose recovery is judged, begins within the first `deadlineMs`. Before that time, no
 * request has reached its deadline.
 */
function isEarly(experiment: ValidParts): boolean {
  const { faults = [], deadlineMs = 0 } = experiment;
  const recoveryPhaseNames = recoveryPhases(experiment);
  return (
    faults.some((fault) => fault && fault.atMs <= deadlineMs) ||
    earlyPhases(experiment).some((name) => recoveryPhaseNames.includes(name))
  );
}

function unreadable(pointer: string, texts: ValidParts['hypothesis'], given: Given): LocatedProblem[] {
  const entries = validEntries(pointer, texts);
  const split = entries.find(({ value }) => opened(value) > 0 && !/[<>=]/.test(value));
  if (split && entries.some(({ value }) => opened(value) < 0))
    return [{ pointer: split.pointer, message: commaSplits }];
  return entries.flatMap(({ pointer, value }) =>
    hypothesisProblems(value, given).map(({ column, message }) => ({ pointer, message, offset: column - 1 })),
  );
}

const commaSplits = 'a comma in [ ] separates items: quote the hypothesis, or write it after "- "';

/** Returns the number of parentheses that a text opens; below 0 if it closes those of another. */
const opened = (text: string): number => text.split('(').length - text.split(')').length;
