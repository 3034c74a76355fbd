import { type MetricName, metrics, type Unit, units } from './metrics.ts';
import { numberOf, type Quantity } from './quantity.ts';
import { type Measure, printTerm } from './terms.ts';

/** Why the two sides can't be compared, if they can't. */
export function mismatchOf(left: Measure | Quantity, right: Measure | Quantity): string | undefined {
  if ('amount' in left && 'amount' in right) return 'expected a metric on at least one side';
  if ('amount' in right) return quantityProblem(left as Measure, right);
  if ('amount' in left) return quantityProblem(right, left);
  if (metrics[left.metric].unit === metrics[right.metric].unit) return undefined;
  return `expected the same unit on both sides, got ${measured(left.metric)} and ${measured(right.metric)}`;
}

const suffixes: Partial<Record<Unit, { allowed: readonly Quantity['suffix'][]; words: string }>> = {
  ms: { allowed: ['ms', 's'], words: 'a number with ms or s' },
  share: { allowed: ['', '%'], words: 'a number without a unit or with %' },
};
const plain = { allowed: [''], words: 'a number without a unit' };

function quantityProblem({ metric, factor = 1 }: Measure, quantity: Quantity): string | undefined {
  const { unit } = metrics[metric];
  const { allowed, words } = suffixes[unit] ?? plain;
  const got = `beside ${measured(metric)}, got ${printTerm(quantity)}`;
  if (!allowed.some((suffix) => suffix === quantity.suffix)) return `expected ${words} ${got}`;
  const max = factor * units[unit].max;
  const isBeyond = (beside: Quantity) => numberOf(beside) > max;
  if (!isBeyond(quantity)) return undefined;
  const percent: Quantity = { ...quantity, suffix: '%' };
  const hint = isBeyond(percent) ? '' : `, did you mean ${printTerm(percent)}?`;
  return `expected a number from 0 to ${max} ${got}${hint}`;
}

const measured = (metric: MetricName): string => `${metric} (${units[metrics[metric].unit].words})`;
