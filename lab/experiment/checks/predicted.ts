import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Given, HypothesisError, parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { parseDuration, parseQuantity } from '#lab/experiment/hypothesis/quantity.ts';
import {
  type Predicted,
  type PredictedTerm,
  predictedFigures,
  predictedTerms,
} from '#lab/experiment/predicted.ts';

/** What the schema can't say of a variant's predictions: deadlines that can't be judged, and terms that can't be read. */
export function predictedProblems(predicted: Predicted, pointer: string, given: Given): LocatedProblem[] {
  const { goodput = {}, within = {}, ...others } = predicted;
  const deadlines = Object.keys(goodput).flatMap((deadline) => {
    const message = deadlineProblem(deadline, given.drainMs);
    const at = `${pointer}/goodput/${escapePointer(deadline)}`;
    return message === undefined ? [] : [{ pointer: at, message, onKey: true }];
  });
  const reversed = [
    ...predictedFigures(predicted).map(([name, value]) => [escapePointer(name), value] as const),
    ...Object.entries(goodput).map(
      ([deadline, value]) => [`goodput/${escapePointer(deadline)}`, value] as const,
    ),
  ].flatMap(([name, value]) =>
    Array.isArray(value) && value[0] > value[1]
      ? [{ pointer: `${pointer}/${name}`, message: `expected [low, high], got [${value.join(', ')}]` }]
      : [],
  );
  const strangers = Object.keys(within).flatMap((name) => {
    if (Object.hasOwn(others, name)) return [];
    const message = 'expected the name of a figure beside it, other than goodput';
    return [{ pointer: `${pointer}/within/${escapePointer(name)}`, message, onKey: true }];
  });
  const terms = predictedTerms(predicted).flatMap((term) =>
    unread(term, `${pointer}/${escapePointer(term.written)}`, given),
  );
  return [...deadlines, ...reversed, ...strangers, ...terms];
}

/** Nobody knows what would be done within a deadline for which the run does not wait. */
function deadlineProblem(written: string, drainMs = Number.POSITIVE_INFINITY): string | undefined {
  const deadlineMs = parseDuration(written);
  if (deadlineMs === undefined) return 'expected a deadline such as 250ms or 1s';
  return deadlineMs > drainMs ? `expected a deadline <= drainMs (${drainMs})` : undefined;
}

/** For the variant, whose name may be none itself. */
const it = 'it';

function unread({ written, value, of }: PredictedTerm, pointer: string, given: Given): LocatedProblem[] {
  if (!parseQuantity(value)) {
    const message = `expected a number, perhaps with ms, s or %, got ${JSON.stringify(value)}`;
    return [{ pointer, message }];
  }
  try {
    parseHypothesis(of(it), { ...given, variants: [it] });
    return [];
  } catch (error) {
    if (!(error instanceof HypothesisError)) throw error;
    const opened = written.indexOf('(') + 1;
    return error.problems.map(({ column, message }) => {
      const offset = column - 1 < opened ? column - 1 : Math.max(opened, column - 1 - `${it}, `.length);
      return offset < written.length ? { pointer, message, onKey: true, offset } : { pointer, message };
    });
  }
}
