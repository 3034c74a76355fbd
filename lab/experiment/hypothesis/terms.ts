import type { MetricName } from './metrics.ts';
import type { Quantity } from './quantity.ts';
import { printWindow, type Window } from './window.ts';

export const operators = ['>', '>=', '<', '<=', '=='] as const;
export type Operator = (typeof operators)[number];

/** A metric of a variant, perhaps multiplied, perhaps of a part of the run; goodput perhaps at another deadline. */
export interface Measure {
  readonly factor?: number;
  readonly metric: MetricName;
  readonly variant: string;
  readonly deadlineMs?: number;
  readonly window?: Window;
}

/** What must hold: `goodput(events, 1s) > 0.9 * goodput(guarded, 1s)`. */
export interface Hypothesis {
  readonly left: Measure | Quantity;
  readonly operator: Operator;
  readonly right: Measure | Quantity;
}

/** The hypothesis as it would be written in an experiment. */
export const printHypothesis = ({ left, operator, right }: Hypothesis): string =>
  `${printTerm(left)} ${operator} ${printTerm(right)}`;

/** One side of a hypothesis as it would be written. */
export function printTerm(term: Measure | Quantity): string {
  if ('amount' in term) return `${term.amount}${term.suffix}`;
  const { factor, metric, variant, deadlineMs, window } = term;
  const times = factor === undefined ? '' : `${factor} * `;
  const deadline = deadlineMs === undefined ? '' : `, ${deadlineMs}ms`;
  return `${times}${metric}(${variant}${deadline}${window ? `, ${printWindow(window)}` : ''})`;
}
