import { nearestOrAll } from '#kit/schema/nearest.ts';
import { isName } from '#kit/schema/schema.ts';
import { cut } from '#kit/schema/shorten.ts';
import {
  type MetricName,
  metricNames,
  metricOf,
  metrics,
  type Unit,
  units,
} from '#lab/experiment/metrics/catalogue.ts';
import {
  type Hypothesis,
  type Measure,
  nameIn,
  numberOf,
  type Operator,
  operators,
  parseDuration,
  parseQuantity,
  parseWindow,
  printTerm,
  type Quantity,
  type Window,
} from './terms.ts';

/** Names in an experiment, and limits of what it can judge. */
export interface Given {
  readonly variants: readonly string[];
  readonly faults: readonly string[];
  readonly phases: readonly string[];
  readonly classes?: readonly string[] | undefined;
  /** Metrics that need the time before a fault or phase, if this time is too short. */
  readonly baseless?: readonly string[] | undefined;
  /** Longest deadline that can be judged. */
  readonly drainMs?: number | undefined;
  /** Subject of every metric, if set. A metric is then written without parentheses. */
  readonly subject?: { readonly variant: string; readonly window: Window } | undefined;
}

/** Problem of a hypothesis. Columns count from 1. */
export interface HypothesisProblem {
  readonly column: number;
  readonly message: string;
}

export class HypothesisError extends Error {
  override readonly name = 'HypothesisError';
  readonly problems: readonly HypothesisProblem[];

  constructor(problems: readonly HypothesisProblem[]) {
    super(problems.map(({ column, message }) => `column ${column}: ${message}`).join('; '));
    this.problems = problems;
  }
}

/**
 * Parses `term op term`. A term is a number with its unit, or `[number *] metric(variant[, deadline][, window])`. With
 * `given`, also checks names and deadlines. Throws HypothesisError.
 */
export function parseHypothesis(text: string, given?: Given): Hypothesis {
  return new Parser(text, given).hypothesis();
}

export function hypothesisProblems(text: string, given?: Given): readonly HypothesisProblem[] {
  try {
    parseHypothesis(text, given);
    return [];
  } catch (error) {
    if (!(error instanceof HypothesisError)) throw error;
    return error.problems;
  }
}

class Parser {
  readonly #text: string;
  readonly #given: Given | undefined;
  /** Problems found so far, after which parsing can continue. */
  readonly #problems: HypothesisProblem[] = [];
  #at = 0;

  constructor(text: string, given: Given | undefined) {
    this.#text = text;
    this.#given = given;
  }

  hypothesis(): Hypothesis {
    const leftAt = this.#skip();
    const left = this.#term();
    const operator = this.#expect(/>=|<=|==|>|</y, `one of ${operators.join(' ')}`) as Operator;
    const rightAt = this.#skip();
    const right = this.#term();
    const hasMore = /[<>=]/.test(this.#text.slice(this.#at));
    this.#expect(/$/y, hasMore ? 'the end, since a line has one hypothesis' : 'the end');
    const mismatch = this.#problems.length === 0 && mismatchOf(left, right);
    if (mismatch) this.#complain('amount' in left && 'metric' in right ? leftAt : rightAt, mismatch);
    if (this.#problems.length > 0) throw new HypothesisError(this.#problems);
    return { left, operator, right };
  }

  #term(): Measure | Quantity {
    const at = this.#skip();
    const written = this.#take(/\d[\w.]*(?:(?<=e)[+-]\d+)?(?: *(?:ms|s|%)(?!\w))?/y);
    if (written === undefined) return this.#measure();
    const quantity = parseQuantity(written);
    if (!quantity)
      throw this.#failure(at, `expected a number, perhaps with ms, s or %, got ${shown(written)}`);
    if (!this.#take(/\*/y)) return quantity;
    if (quantity.suffix !== '') this.#complain(at, `expected a plain number before *, got ${shown(written)}`);
    return { factor: quantity.amount, ...this.#measure() };
  }

  #measure(): Measure {
    const metricAt = this.#skip();
    const metric = this.#expect(/[A-Za-z]\w*/y, 'a metric or a number');
    if (!metricOf(metric)) {
      const [, variant, other = ''] = /^ *\(([^(),]+), *(\w+) *\)/.exec(this.#text.slice(this.#at)) ?? [];
      if (metricOf(other))
        throw this.#failure(metricAt, `unknown metric ${metric}, did you mean ${other}(${variant})?`);
      this.#complain(metricAt, `unknown metric ${metric}, ${nearestOrAll(metric, metricNames)}`);
    }
    const subject = this.#given?.subject;
    if (subject) {
      if (metricOf(metric)?.only)
        this.#complain(metricAt, `expected a metric that can be measured in windows, got ${metric}`);
      if (this.#text[this.#skip()] === '(')
        throw this.#failure(this.#at, `expected ${metric} without a variant, since it must hold in each`);
      return { metric: metric as MetricName, ...subject };
    }
    this.#expect(/\(/y, `( and a variant after ${metric}`);
    const variantAt = this.#skip();
    const variant = this.#expect(/[^\s(),]+/y, 'a variant');
    this.#known(variantAt, 'variant', variant);
    const measure = { metric: metric as MetricName, variant, ...this.#qualifiers(metric) };
    if (metricOf(metric)?.only === 'after' && !measure.window)
      this.#complain(this.#skip(), afterExpected(metric));
    this.#expect(/\)/y, ')');
    return measure;
  }

  /** Parses what follows the variant: a deadline, a window, or both. */
  #qualifiers(metric: string): Pick<Measure, 'deadlineMs' | 'window'> {
    const { drainMs = Infinity } = this.#given ?? {};
    const found: { deadlineMs?: number; window?: Window } = {};
    while (this.#take(/,/y)) {
      const at = this.#skip();
      const written = this.#expect(/[^(),]+/y, 'a deadline such as 250ms or a window').trim();
      const deadlineMs = parseDuration(written);
      const window = parseWindow(written);
      if ((found.deadlineMs && deadlineMs) || (found.window && window))
        this.#complain(at, `expected ), got ${shown(written)}`);
      else if (deadlineMs !== undefined) {
        if (metric !== 'goodput')
          this.#complain(at, `expected ) since only goodput takes a deadline, got ${shown(written)}`);
        else if (deadlineMs > drainMs)
          this.#complain(at, `expected a deadline <= drainMs (${drainMs}), got ${shown(written)}`);
        found.deadlineMs = deadlineMs;
      } else if (!window) this.#complain(at, `${qualifierExpected}, got ${shown(written)}`);
      else {
        this.#window(at, metric, window, written);
        found.window = window;
      }
    }
    return found;
  }

  #window(at: number, metric: string, window: Window, written: string): void {
    const { only } = metricOf(metric) ?? {};
    const isAfter = window.part === 'after' || window.part === 'after phase';
    if (only === 'whole') this.#complain(at, `expected ) since ${metric} is only known of the whole run`);
    else if (only === 'after' && !isAfter) this.#complain(at, afterExpected(metric));
    if (window.part === 'span') return;
    const what = 'fault' in window ? 'fault' : 'phase' in window ? 'phase' : 'class';
    const name = nameIn(window);
    const nameAt = at + written.length - name.length;
    this.#known(nameAt, what, name);
    if (window.part === 'after phase' && name === this.#given?.phases.at(-1))
      this.#complain(nameAt, `expected a phase that another follows, got ${shown(name)}`);
    if (isAfter && this.#given?.baseless?.includes(metric)) this.#complain(nameAt, beforeExpected(metric));
  }

  #known(at: number, what: keyof typeof plurals, name: string): void {
    const names = this.#given?.[plurals[what]];
    if (!names || names.includes(name)) return;
    const isRequired = what === 'variant' || what === 'phase';
    if (names.length === 0 && isRequired) return; // the schema reports it
    // Suggests only valid names. The name of a phase may also be a number.
    const fit = what === 'phase' ? names : names.filter(isName);
    const none = names.length > 0 ? '' : `, the experiment has no ${plurals[what]}`;
    const hint = fit.length > 0 ? `, ${nearestOrAll(name, fit)}` : none;
    this.#complain(at, `unknown ${what} ${name}${hint}`);
  }

  /** Skips spaces and returns the position of the next token. */
  #skip(): number {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#at;
  }

  /** Returns the next token and moves behind it, if it matches the sticky pattern. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#skip();
    const token = pattern.exec(this.#text)?.[0];
    this.#at += token?.length ?? 0;
    return token;
  }

  #expect(pattern: RegExp, what: string): string {
    const token = this.#take(pattern);
    if (token !== undefined) return token;
    const next = /\S+/.exec(this.#text.slice(this.#at))?.[0];
    throw this.#failure(this.#at, `expected ${what}, got ${next === undefined ? 'the end' : shown(next)}`);
  }

  #complain(at: number, message: string): void {
    this.#problems.push({ column: at + 1, message });
  }

  #failure(at: number, message: string): HypothesisError {
    this.#complain(at, message);
    return new HypothesisError(this.#problems);
  }
}

const plurals = { variant: 'variants', fault: 'faults', phase: 'phases', class: 'classes' } as const;

const qualifierExpected =
  'expected a deadline such as 250ms, or a window: before, during or after a fault, a phase or after one, a class, or an earlier and a later time, 2s..5s';

const afterExpected = (metric: string): string =>
  `expected after and a fault, or after phase and its name, since ${metric} measures a recovery`;

const beforeExpected = (metric: string): string =>
  `expected every fault, and every phase to recover from, to begin later than deadlineMs, since ${metric} is relative to the goodput before`;

const shown = (text: string): string => JSON.stringify(cut(text, 40));

/** Returns why the two sides can't be compared; undefined if they can. */
function mismatchOf(left: Measure | Quantity, right: Measure | Quantity): string | undefined {
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
