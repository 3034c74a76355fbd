import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';

/** Number as written in an experiment, with its unit. */
export interface Quantity {
  readonly amount: number;
  readonly suffix: '' | '%' | 'ms' | 's';
}

const pattern = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?) *(ms|s|%|)$/;

/** Parses `0.95`, `95%`, `250ms` or `1.5s`. Undefined for another form. */
export function parseQuantity(text: string): Quantity | undefined {
  const [, digits, suffix] = pattern.exec(text) ?? [];
  const amount = Number(digits);
  return Number.isFinite(amount) ? { amount, suffix: suffix as Quantity['suffix'] } : undefined;
}

/** Returns an amount in ms, or as a plain number: 1.5s is 1500, 95% is 0.95. */
export function numberOf({ amount, suffix }: Quantity): number {
  // Rounded, since 2.01 * 1000 is 2009.9999999999998.
  if (suffix === 's') return Number((amount * 1000).toPrecision(15));
  return suffix === '%' ? amount / 100 : amount;
}

/** Parses a time above 0 and up to an hour, such as `250ms` or `1s`, and returns ms. Undefined for another form. */
export function parseDuration(text: string): number | undefined {
  const quantity = parseQuantity(text);
  if (quantity?.suffix !== 'ms' && quantity?.suffix !== 's') return undefined;
  const ms = numberOf(quantity);
  return ms > 0 && ms <= 3_600_000 ? ms : undefined;
}

export const operators = ['>', '>=', '<', '<=', '=='] as const;
export type Operator = (typeof operators)[number];

/** Metric of a variant. It may have a factor, another deadline, and a window to which it is limited. */
export interface Measure {
  readonly factor?: number;
  readonly metric: MetricName;
  readonly variant: string;
  readonly deadlineMs?: number;
  readonly window?: Window;
}

/** Parsed hypothesis, e.g. `goodput(events, 1s) > 0.9 * goodput(guarded, 1s)`. */
export interface Hypothesis {
  readonly left: Measure | Quantity;
  readonly operator: Operator;
  readonly right: Measure | Quantity;
}

export const printHypothesis = ({ left, operator, right }: Hypothesis): string =>
  `${printTerm(left)} ${operator} ${printTerm(right)}`;

export function printTerm(term: Measure | Quantity): string {
  if ('amount' in term) return `${term.amount}${term.suffix}`;
  const { factor, metric, variant, deadlineMs, window } = term;
  const times = factor === undefined ? '' : `${factor} * `;
  const deadline = deadlineMs === undefined ? '' : `, ${deadlineMs}ms`;
  return `${times}${metric}(${variant}${deadline}${window ? `, ${printWindow(window)}` : ''})`;
}

/** Part of the load, chosen by scheduled times: around a fault, in or after a phase, or between two times. Or a class. */
export type Window =
  | { readonly part: 'before' | 'during' | 'after'; readonly fault: string }
  | { readonly part: 'phase' | 'after phase'; readonly phase: string }
  | { readonly part: 'class'; readonly class: string }
  | { readonly part: 'span'; readonly fromMs: number; readonly untilMs: number };

/** Returns the name of a window in results: `after brownout`, `phase burst`, `class slow` or `0..5000ms`. */
export function printWindow(window: Window): string {
  if (window.part !== 'span') return `${window.part} ${nameIn(window)}`;
  return `${window.fromMs === 0 ? 0 : `${window.fromMs}ms`}..${window.untilMs}ms`;
}

export function nameIn(window: Exclude<Window, { part: 'span' }>): string {
  if ('phase' in window) return window.phase;
  return window.part === 'class' ? window.class : window.fault;
}

/** Parses a window in the form of a hypothesis. Undefined for another form. */
export function parseWindow(text: string): Window | undefined {
  const [, words, name] = /^(before|during|after(?: +phase)?|phase|class) +(\S.*)$/.exec(text) ?? [];
  const part = words?.replace(/ +/, ' ');
  if (part === 'phase' || part === 'after phase') return { part, phase: name! };
  if (part === 'class') return { part, class: name! };
  if (part !== undefined) return { part: part as 'before', fault: name! };
  const [from, until, more] = text
    .split('..')
    .map((end) => (/^0 *(ms|s)?$/.test(end.trim()) ? 0 : parseDuration(end.trim())));
  if (from === undefined || until === undefined || more !== undefined || until <= from) return undefined;
  return { part: 'span', fromMs: from, untilMs: until };
}
