import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Given, hypothesisProblems } from '#lab/experiment/hypothesis/grammar.ts';
import { parseDuration, parseQuantity } from '#lab/experiment/hypothesis/terms.ts';
import { recoveryPhases, untouched } from '#lab/experiment/measures.ts';
import {
  type Predicted,
  type PredictedTerm,
  predictedFigures,
  predictedTerms,
} from '#lab/experiment/predicted.ts';
import { type ValidParts, validEntries } from '#lab/experiment/schema.ts';
import { phaseNames } from '#load/phases.ts';
import { earlyPhases } from './load.ts';

/** Names of all variants and faults in the file, even of invalid ones. */
export interface GivenNames {
  readonly variants: readonly string[];
  readonly faults: readonly string[];
}

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

export function* predictions(experiment: ValidParts, named: GivenNames): Iterable<LocatedProblem> {
  const given = givenBy(experiment, { ...named, variants: [it] });
  for (const { pointer, value } of validEntries('/variants', experiment.variants))
    yield* predictedProblems(value.predicted, `${pointer}/predicted`, given);
}

function givenBy(experiment: ValidParts, named: GivenNames): Given {
  const { load = [], classes, drainMs, recovery } = experiment;
  const relative = recovery?.relativeTo === 'before' ? ['timeToRecover'] : [];
  return {
    ...named,
    baseless: isEarly(experiment) ? [...relative, 'lostGoodput', 'metastable'] : [],
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

const unreadable = (pointer: string, texts: ValidParts['hypothesis'], given: Given): LocatedProblem[] =>
  validEntries(pointer, texts).flatMap(({ pointer, value }) =>
    hypothesisProblems(value, given).map(({ column, message }) => ({ pointer, message, offset: column - 1 })),
  );

/** Reports deadlines that can't be judged, reversed ranges, unknown names, and terms that are not valid. */
function* predictedProblems(
  predicted: Predicted = {},
  pointer: string,
  given: Given,
): Iterable<LocatedProblem> {
  const { goodput = {}, within = {}, ...others } = predicted;
  for (const deadline of Object.keys(goodput)) {
    const message = deadlineProblem(deadline, given.drainMs);
    const at = `${pointer}/goodput/${escapePointer(deadline)}`;
    if (message !== undefined) yield { pointer: at, message, onKey: true };
  }
  const values = [
    ...validEntries(pointer, Object.fromEntries(predictedFigures(predicted))),
    ...validEntries(`${pointer}/goodput`, goodput),
  ];
  for (const { pointer, value } of values)
    if (Array.isArray(value) && value[0] > value[1])
      yield { pointer, message: `expected [low, high], got [${value.join(', ')}]` };
  for (const name of Object.keys(within)) {
    const message = 'expected the name of a figure beside it, other than goodput';
    if (!Object.hasOwn(others, name))
      yield { pointer: `${pointer}/within/${escapePointer(name)}`, message, onKey: true };
  }
  for (const term of predictedTerms(predicted))
    yield* termProblems(term, `${pointer}/${escapePointer(term.written)}`, given);
}

/**
 * Returns the problem of a deadline, if it has one. It must be at most `drainMs`, since a run waits no longer for
 * completions.
 */
function deadlineProblem(written: string, drainMs = Infinity): string | undefined {
  const deadlineMs = parseDuration(written);
  if (deadlineMs === undefined) return 'expected a deadline such as 250ms or 1s';
  return deadlineMs > drainMs ? `expected a deadline <= drainMs (${drainMs})` : undefined;
}

/** Stands for the name of the variant, since the real name may be invalid. */
const it = 'it';

function termProblems(
  { written, value, of }: PredictedTerm,
  pointer: string,
  given: Given,
): LocatedProblem[] {
  const expected = 'expected a number, perhaps with ms, s or %';
  if (!parseQuantity(value)) return [{ pointer, message: `${expected}, got ${JSON.stringify(value)}` }];
  const opened = written.indexOf('(') + 1;
  return hypothesisProblems(of(it), given).map(({ column, message }) => {
    const offset = column - 1 < opened ? column - 1 : Math.max(opened, column - 1 - `${it}, `.length);
    return offset < written.length ? { pointer, message, onKey: true, offset } : { pointer, message };
  });
}
