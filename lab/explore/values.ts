import { niceStep } from '#lab/show/chart.ts';

/** Numbers from `from` to at most `to`, in steps. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

const number = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const rangePattern = new RegExp(`^(${number})\\.\\.(${number})(?:/(${number}))?$`);
const listPattern = new RegExp(`^${number}(?:,${number})*$`);

/** Steps of a range without a step: at most this many. */
const stepsMax = 20;
const valuesMax = 1000;
const fineSteps = 100;

/**
 * Reads `0..5`, `40..200/10` or `1,2,5` as ascending values. Returns what is wrong as a text. Without a step, both ends
 * of a range are values.
 */
export function parseValues(text: string): number[] | string {
  const range = parseRange(text, stepsMax, true);
  if (typeof range !== 'string') {
    const values = valuesOf(range);
    return text.includes('/') || values.at(-1) === range.to ? values : [...values, range.to];
  }
  if (text.includes('..')) return range;
  if (!listPattern.test(text)) return 'expected numbers, as in 0..5, 40..200/10 or 1,2,5';
  return [...new Set(text.split(',').map(Number))].sort((a, b) => a - b);
}

/**
 * Reads `0..5` or `40..200/10` as a range in which a search moves. Returns what is wrong as a text. Without a step, it
 * has whole numbers only if fractions are not accepted.
 */
export function parseFineRange(text: string, isAccepted: (value: number) => boolean): Range | string {
  const fine = parseRange(text, fineSteps, false);
  return typeof fine === 'string' || isAccepted(valueAt(fine, 1)) ? fine : parseRange(text, fineSteps, true);
}

/** Reads a range. Without a step, it has at most `steps` steps; if `whole`, whole ones between whole numbers. */
function parseRange(text: string, steps: number, whole: boolean): Range | string {
  const [, first, last, given] = rangePattern.exec(text) ?? [];
  if (first === undefined || last === undefined) return 'expected a range, as in 0..5 or 40..200/10';
  const [from, to] = [Number(first), Number(last)];
  if (!Number.isFinite(from) || !Number.isFinite(to)) return 'expected finite numbers';
  if (from >= to) return `expected a range that ascends, got ${first}..${last}`;
  const isWhole = whole && Number.isInteger(from) && Number.isInteger(to);
  const usual = niceStep(to - from, steps);
  const step = given === undefined ? (isWhole ? Math.max(1, usual) : usual) : Number(given);
  if (!(step > 0)) return `expected a step above 0, got ${given}`;
  const range = { from, to, step };
  const size = sizeOf(range);
  return size > valuesMax ? `expected at most ${valuesMax} values, got ${size}` : range;
}

export const sizeOf = ({ from, to, step }: Range): number => Math.floor((to - from) / step + 1e-9) + 1;

/** Returns the value at an index, without the error of adding: 0.1 + 2 · 0.1 is 0.3. */
export const valueAt = ({ from, step }: Range, index: number): number =>
  Number((from + index * step).toPrecision(12));

export const valuesOf = (range: Range): number[] =>
  Array.from({ length: sizeOf(range) }, (_, index) => valueAt(range, index));
