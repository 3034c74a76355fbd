import { within } from '#lab/analysis/statistics/estimates.ts';
import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { formatOf } from '#lab/experiment/hypothesis/metric-name.ts';
import { metrics, type Unit, units } from '#lab/experiment/hypothesis/metrics.ts';
import { type Hypothesis, type Measure, printTerm, type Quantity } from '#lab/experiment/hypothesis/terms.ts';
import type { HypothesisResult } from '#lab/result/result.ts';
import { interval, none, number, plural, points } from '#lab/text/format.ts';

/**
 * Words the two sides of a judged hypothesis, in the unit of its metric: `77 % against 0.9 × 100 % = 90 %`. A number that reads
 * as it is written is left out. Without data it is the reason.
 */
export function sidesText(result: HypothesisResult): string {
  const { text, left, right, reason } = result;
  if (reason !== undefined) return reason;
  const hypothesis = parseHypothesis(text);
  const unit = unitOf(hypothesis);
  const short = formatOf(unit);
  const isAlike = left !== null && right !== null && left !== right && short(left) === short(right);
  const format = isAlike ? exactly(unit) : short;
  const sides = [side(hypothesis.left, left, format), side(hypothesis.right, right, format)]
    .filter((shown) => shown !== undefined)
    .join(' against ');
  return sides + overRounds(hypothesis, result, format);
}

/**
 * Words the interval, of the measured side or of the difference, and the number of rounds in which it held. If it fails only
 * because the interval includes the other side, it says so.
 */
function overRounds(hypothesis: Hypothesis, result: HypothesisResult, format: Format): string {
  const { left: l, right: r, operator } = hypothesis;
  const { left, right, rounds } = result;
  if (!rounds || left === null || right === null) return '';
  const { low, high, of, held } = rounds;
  const difference = unitOf(hypothesis) === 'share' ? points : format;
  const between = (low: number, high: number, min: number, max: number, format: Format) =>
    interval(within({ low, high }, min, max), format);
  const shown =
    'amount' in r
      ? ` (${between(right + low, right + high, 0, mostOf(l), format)})`
      : 'amount' in l
        ? ` (${between(left - high, left - low, 0, mostOf(r), format)})`
        : `, a difference of ${between(low, high, -mostOf(r), mostOf(l), difference)}`;
  const bounds = low === high ? '' : shown;
  const bound = 'amount' in r ? format(right) : 'amount' in l ? format(left) : '0';
  const isOpen = result.ok === false && operator !== '==' && low < high && low <= 0 && high >= 0;
  const doubt = isOpen ? `; not sure: the interval includes ${bound}` : '';
  return `${bounds} over ${plural(of, 'round')}, held in ${held === of ? 'all' : held}${doubt}`;
}

/** Highest possible value of a side; a number is not limited. */
const mostOf = (term: Measure | Quantity): number =>
  'amount' in term ? Infinity : (term.factor ?? 1) * units[metrics[term.metric].unit].max;

type Format = (value: number) => string;

/** Format for values that look the same in three digits. */
const exactly =
  (unit: Unit): Format =>
  (value) =>
    digits.format(unit === 'share' ? 100 * value : value) +
    (unit === 'ms' ? '\u00a0ms' : unit === 'share' ? '\u00a0%' : '');

const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 9 });

function side(term: Measure | Quantity, value: number | null, format: Format): string | undefined {
  if (value === null) return none;
  const shown = format(value);
  if ('amount' in term) return bare(shown) === bare(printTerm(term)) ? undefined : shown;
  const { factor } = term;
  return factor ? `${number(factor)} × ${format(value / factor)} = ${shown}` : shown;
}

/** Removes spaces and commas from a number. */
const bare = (text: string): string => text.replaceAll(/[\s,]/g, '');

function unitOf({ left, right }: Hypothesis): Unit {
  // The grammar refuses two numbers, and two metrics of different units.
  return metrics[('metric' in left ? left : (right as Measure)).metric].unit;
}
