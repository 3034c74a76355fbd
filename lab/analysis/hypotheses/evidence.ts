import { within } from '#lab/analysis/statistics/estimates.ts';
import { HypothesisError, parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { formatOf } from '#lab/experiment/hypothesis/metric-name.ts';
import { metrics, type Unit, units } from '#lab/experiment/hypothesis/metrics.ts';
import type { Quantity } from '#lab/experiment/hypothesis/quantity.ts';
import { type Hypothesis, type Measure, printTerm } from '#lab/experiment/hypothesis/terms.ts';
import type { HypothesisResult } from '#lab/result/result.ts';
import { interval, none, number, plural, points } from '#lab/text/format.ts';

/**
 * What a hypothesis was judged by, in the unit of its metric: `77 % against 0.9 × 100 % = 90 %`, only the measured side
 * where the other is a number that reads as it is written, or why there is nothing to judge by.
 */
export function evidence(result: HypothesisResult): string {
  const { text, left, right, reason } = result;
  if (reason !== undefined) return reason;
  const hypothesis = parse(text);
  if (!hypothesis) return `${number(left)} against ${number(right)}`;
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
 * Beside a number the interval of what was measured, otherwise that of the difference, and in how many rounds it held; where
 * it fails only because the interval reaches to the other side, that it may be luck.
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

/** What a side can be at most; a number stays as it is. */
const mostOf = (term: Measure | Quantity): number =>
  'amount' in term ? Number.POSITIVE_INFINITY : (term.factor ?? 1) * units[metrics[term.metric].unit].max;

type Format = (value: number) => string;

/** For values that differ by less than three digits show. */
const exactly =
  (unit: Unit): Format =>
  (value) => {
    if (unit === 'ms') return `${digits.format(value)}\u00a0ms`;
    return unit === 'share' ? `${digits.format(100 * value)}\u00a0%` : digits.format(value);
  };

const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 9 });

function side(term: Measure | Quantity, value: number | null, format: Format): string | undefined {
  if (value === null) return none;
  const shown = format(value);
  if ('amount' in term) return bare(shown) === bare(printTerm(term)) ? undefined : shown;
  const { factor } = term;
  return factor ? `${number(factor)} × ${format(value / factor)} = ${shown}` : shown;
}

/** A number as it is written, whatever separates its parts. */
const bare = (text: string): string => text.replaceAll(/[\s,]/g, '');

function unitOf({ left, right }: Hypothesis): Unit {
  // The grammar refuses two numbers, and two metrics of different units.
  return metrics[('metric' in left ? left : (right as Measure)).metric].unit;
}

function parse(text: string): Hypothesis | undefined {
  try {
    return parseHypothesis(text);
  } catch (error) {
    // Another version's grammar: its numbers can still be shown as they are.
    if (error instanceof HypothesisError) return undefined;
    throw error;
  }
}
