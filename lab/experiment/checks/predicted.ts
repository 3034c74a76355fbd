import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Given, hypothesisProblems } from '#lab/experiment/hypothesis/grammar.ts';
import { parseDuration, parseQuantity } from '#lab/experiment/hypothesis/terms.ts';
import {
  type Predicted,
  type PredictedTerm,
  predictedFigures,
  predictedTerms,
} from '#lab/experiment/predicted.ts';

/** Reports deadlines that can't be judged, reversed ranges, unknown names, and terms that can't be read. */
export function* predictedProblems(
  predicted: Predicted,
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
    ...predictedFigures(predicted).map(([name, value]) => [escapePointer(name), value] as const),
    ...Object.entries(goodput).map(([name, value]) => [`goodput/${escapePointer(name)}`, value] as const),
  ];
  for (const [name, value] of values)
    if (Array.isArray(value) && value[0] > value[1])
      yield { pointer: `${pointer}/${name}`, message: `expected [low, high], got [${value.join(', ')}]` };
  for (const name of Object.keys(within)) {
    const message = 'expected the name of a figure beside it, other than goodput';
    if (!Object.hasOwn(others, name))
      yield { pointer: `${pointer}/within/${escapePointer(name)}`, message, onKey: true };
  }
  for (const term of predictedTerms(predicted))
    yield* termProblems(term, `${pointer}/${escapePointer(term.written)}`, given);
}

/** A run does not wait for completions later than `drainMs`. */
function deadlineProblem(written: string, drainMs = Infinity): string | undefined {
  const deadlineMs = parseDuration(written);
  if (deadlineMs === undefined) return 'expected a deadline such as 250ms or 1s';
  return deadlineMs > drainMs ? `expected a deadline <= drainMs (${drainMs})` : undefined;
}

/** Stands for the variant, whose own name may be refused. */
const it = 'it';

function termProblems(
  { written, value, of }: PredictedTerm,
  pointer: string,
  given: Given,
): LocatedProblem[] {
  const expected = 'expected a number, perhaps with ms, s or %';
  if (!parseQuantity(value)) return [{ pointer, message: `${expected}, got ${JSON.stringify(value)}` }];
  const opened = written.indexOf('(') + 1;
  return hypothesisProblems(of(it), { ...given, variants: [it] }).map(({ column, message }) => {
    const offset = column - 1 < opened ? column - 1 : Math.max(opened, column - 1 - `${it}, `.length);
    return offset < written.length ? { pointer, message, onKey: true, offset } : { pointer, message };
  });
}
