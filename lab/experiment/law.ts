import { escapePointer } from '#kit/schema/problems.ts';
import { fieldAt } from './field.ts';
import type { LocatedProblem } from './file/source.ts';
import type { Experiment } from './schema.ts';

/** Error for a law that can't be read. */
class LawError extends Error {
  override readonly name = 'LawError';
}

type NumberAt = (path: string) => number;

/** Formula over numbers of an experiment. */
type Formula = (at: NumberAt) => number;

const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
const precedence = [
  ['+', '-'],
  ['*', '/'],
];

/** Reads `a * (b + 1) > c / 2` as both sides, the greater one first. Throws LawError. */
function parseLaw(text: string): { readonly greater: Formula; readonly less: Formula } {
  const sides = text.split(/\s([<>])\s/);
  const [left = '', operator, right = ''] = sides;
  if (sides.length !== 3) throw new LawError(`expected two formulas with > or < between them, got ${text}`);
  const [a, b] = [parseFormula(left), parseFormula(right)];
  return operator === '>' ? { greater: a, less: b } : { greater: b, less: a };
}

/** Reads a formula. Operators stand between spaces, since names may contain a hyphen. */
function parseFormula(text: string): Formula {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  const formula = sum(0);
  if (tokens.length > 0) throw new LawError(`expected an operator + - * / before ${tokens[0]}`);
  return formula;

  function sum(level: number): Formula {
    const own = precedence[level];
    if (!own) return atom();
    let left = sum(level + 1);
    while (own.includes(tokens[0] ?? '')) {
      const apply = operators[tokens.shift()!]!;
      const [before, after] = [left, sum(level + 1)];
      left = (at) => apply(before(at), after(at));
    }
    return left;
  }

  function atom(): Formula {
    const token = tokens.shift();
    if (token === '(') {
      const inner = sum(0);
      if (tokens.shift() !== ')') throw new LawError('expected ) after a formula in brackets');
      return inner;
    }
    if (token === undefined || token === ')' || token in operators)
      throw new LawError(`expected a number or a path, got ${token ?? 'nothing'}`);
    const number = Number(token);
    return Number.isNaN(number) ? (at) => at(token) : () => number;
  }
}

const numberIn =
  (experiment: Experiment): NumberAt =>
  (path) => {
    const field = fieldAt(path, experiment, experiment);
    if ('message' in field) throw new LawError(`${path}: ${field.message}`);
    if (field.original === undefined) throw new LawError(`${path}: expected the path of a number`);
    return field.original;
  };

/**
 * Returns the side of a variant's law before `>`, or after `<`, ÷ the other one. At 1 it is on the boundary, above 1 it
 * is metastable. Null without a law, without a finite value, or if the law names a variant that was left out.
 */
export function beyondLaw(experiment: Experiment, variant: string): number | null {
  try {
    return ratioOf(experiment, variant);
  } catch (error) {
    if (error instanceof LawError) return null;
    throw error;
  }
}

function ratioOf(experiment: Experiment, variant: string): number | null {
  const law = experiment.variants[variant]?.law;
  if (law === undefined) return null;
  const { greater, less } = parseLaw(law);
  const ratio = greater(numberIn(experiment)) / less(numberIn(experiment));
  return Number.isFinite(ratio) ? ratio : null;
}

/** Reports laws that can't be read, and paths in them that lead to no number. */
export const lawProblems = (experiment: Experiment): LocatedProblem[] =>
  Object.keys(experiment.variants).flatMap((name) => {
    try {
      ratioOf(experiment, name);
      return [];
    } catch (error) {
      if (!(error instanceof LawError)) throw error;
      return { pointer: `/variants/${escapePointer(name)}/law`, message: error.message };
    }
  });
