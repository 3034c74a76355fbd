import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import type { Hypothesis, Measure, Operator, Quantity } from '#lab/experiment/hypothesis/terms.ts';
import { metrics, type Unit, units } from '#lab/experiment/metrics/catalogue.ts';
import { formatOf } from '#lab/experiment/metrics/shown.ts';
import { within } from '#lab/judge/statistics/rounds.ts';
import { type Format, interval, none, number, plural, points } from '#lab/kit/text/format.ts';

/** Returns `77 %, needs > 0.9 × 100 % = 90 %`, in the unit of the metric; without data, the reason. */
export function sidesText(result: HypothesisResult): string {
  const { text, left, right, reason } = result;
  if (reason !== undefined) return reason;
  const hypothesis = parseHypothesis(text);
  const unit = unitOf(hypothesis);
  const short = formatOf(unit);
  const isAlike = left !== null && right !== null && left !== right && short(left) === short(right);
  const format: Format = isAlike ? distinguishing(unit, left, right) : short;
  const sides = [side(hypothesis.left, left, format), side(hypothesis.right, right, format)];
  const { operator } = hypothesis;
  const [measured, bound, needs] =
    'amount' in hypothesis.left ? [...sides.reverse(), mirrored[operator] ?? operator] : [...sides, operator];
  return `${measured}, needs ${needs} ${bound}${overRounds(hypothesis, result, format)}`;
}

const mirrored: Partial<Record<Operator, Operator>> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=' };

/**
 * Largest difference between two sides that still counts as close: in points for shares, else as a ratio to the larger
 * side. Of two shares near 0 or 1, one isn't close if it is half as far from there: 100 % is not close to 99 %.
 */
const closePoints = 0.02;
const closeRatio = 0.1;

/** True if a hypothesis held in a single run by so little that another run may fail it. */
export function isClose({ ok, left, right, text, rounds }: HypothesisResult): boolean {
  if (!ok || left === null || right === null || rounds) return false;
  const hypothesis = parseHypothesis(text);
  const unit = unitOf(hypothesis);
  if (hypothesis.operator === '==' || unit === 'verdict') return false;
  const [least, most] = left < right ? [left, right] : [right, left];
  if (unit !== 'share') return most - least <= closeRatio * most;
  return most - least <= closePoints && 2 * least > most && 2 * (1 - most) > 1 - least;
}

/**
 * Describes the interval of the measured side, or of the difference of two, and how often the hypothesis held.
 * Says so if it failed only because the interval includes the other side.
 */
function overRounds(hypothesis: Hypothesis, result: HypothesisResult, format: Format): string {
  const { left: l, right: r, operator } = hypothesis;
  const { left, right, rounds } = result;
  if (!rounds || left === null || right === null) return '';
  const { low, high, of, held } = rounds;
  const side = (low: number, high: number, term: Measure | Quantity) =>
    ` (${interval(within({ low, high }, 0, mostOf(term)), format)})`;
  const shown = () => {
    if ('amount' in r) return side(right + low, right + high, l);
    if ('amount' in l) return side(left - high, left - low, r);
    const difference = within({ low, high }, -mostOf(r), mostOf(l));
    return `, a difference of ${interval(difference, unitOf(hypothesis) === 'share' ? points : format)}`;
  };
  const bound = 'amount' in r ? format(right) : 'amount' in l ? format(left) : '0';
  const isUnsure = result.ok === false && operator !== '==' && low < high && low <= 0 && high >= 0;
  const doubt = isUnsure ? `; not sure: the interval includes ${bound}` : '';
  return `${low === high ? '' : shown()} over ${plural(of, 'round')}, held in ${held === of ? 'all' : held}${doubt}`;
}

const mostOf = (term: Measure | Quantity): number =>
  'amount' in term ? Infinity : (term.factor ?? 1) * units[metrics[term.metric].unit].max;

/** Returns a format with just as many digits as distinguish two values that look the same with three. */
function distinguishing(unit: Unit, left: number, right: number): Format {
  const suffix = unit === 'ms' ? '\u00a0ms' : unit === 'share' ? '\u00a0%' : '';
  const format =
    (digits: number): Format =>
    (value) =>
      `${Number((unit === 'share' ? 100 * value : value).toPrecision(digits)).toLocaleString('en', { maximumSignificantDigits: digits })}${suffix}`;
  const enough = [4, 5, 6, 7, 8].find((digits) => format(digits)(left) !== format(digits)(right));
  return format(enough ?? 9);
}

function side(term: Measure | Quantity, value: number | null, format: Format): string {
  if (value === null) return none;
  const factor = 'amount' in term ? undefined : term.factor;
  return factor ? `${number(factor)} × ${format(value / factor)} = ${format(value)}` : format(value);
}

function unitOf({ left, right }: Hypothesis): Unit {
  // The grammar requires at least one metric, and the same unit for two metrics.
  return metrics[('metric' in left ? left : (right as Measure)).metric].unit;
}
