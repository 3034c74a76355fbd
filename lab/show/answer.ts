import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { printWindow } from '#lab/experiment/hypothesis/terms.ts';
import { type MetricName, metric, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import { figureShown } from '#lab/experiment/metrics/shown.ts';
import { figureAt, valueIn } from '#lab/experiment/metrics/table.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { countOf } from '#lab/judge/statistics/rounds.ts';
import { duration } from '#lab/kit/text/format.ts';
import { goodputTone, type Tone } from './columns.ts';

/** Figure of each variant that answers an experiment's question, or a part of it. */
export interface Answer {
  readonly metric: MetricName;
  readonly window?: string;
}

const columnsMax = 4;
/** Difference of figures that are alike: of shares, or as a ratio. */
const alike = 0.02;
/** Columns that are filled up with figures that are alike in all variants. */
const columnsMin = 3;
/** Parts of the load of one metric: as in a fault, and after it. */
const windowsMax = 2;

/** Returns the metrics that the title of an experiment asks for, as far as its words tell. */
export const titleMetrics = ({ experiment: { title } }: Result): MetricName[] =>
  metricNames.filter((name) => metric(name).asked?.test(title));

/**
 * Returns the figures that answer the question in the title, the most important first: that of the title, those that
 * hypotheses name most often, and what one wants to know after any fault. Leaves out what is alike in all variants.
 */
export function answersOf(result: Result): Answer[] {
  const ofTitle = titleMetrics(result);
  const named = result.hypotheses.flatMap(({ text }) => {
    const { left, right } = parseHypothesis(text);
    return [left, right].flatMap((term): Answer[] =>
      'amount' in term || term.deadlineMs !== undefined
        ? []
        : [{ metric: term.metric, ...(term.window && { window: printWindow(term.window) }) }],
    );
  });
  const after = recoveryWindow(result);
  const end = endOf(result);
  const usual: Answer[] = [
    ...(after === undefined ? [] : [{ metric: 'timeToRecover' as const, window: after }]),
    { metric: 'goodput', ...(end !== undefined && { window: end }) },
    { metric: 'peakInFlight' },
    { metric: 'amplification' },
  ];
  const all = Map.groupBy([...named, ...usual], ({ metric, window }) => `${metric} ${window}`);
  const { title } = result.experiment;
  const isInTitle = ({ metric, window = '' }: Answer) =>
    ofTitle.includes(metric) ? (title.includes(window.split(' ').at(-1) || '-') ? 200 : 100) : 0;
  const rankOf = (same: readonly Answer[]) => same.length + isInTitle(same[0]!);
  const ranked = [...all.values()]
    .sort((a, b) => rankOf(b) - rankOf(a))
    .map(([answer]) => answer!)
    .filter((answer) => metric(answer.metric).unit !== 'verdict' && isKnown(result, answer));
  const isFirst = (answer: Answer) => ofTitle.includes(answer.metric) || isTelling(result, answer);
  const telling = ranked.filter(isFirst).filter(isUnusual).slice(0, columnsMax);
  const others = ranked.filter((answer) => !isFirst(answer));
  return [...telling, ...others.slice(0, Math.max(0, columnsMin - telling.length))];
}

/** True if few figures before have the same metric. */
const isUnusual = ({ metric }: Answer, index: number, all: readonly Answer[]): boolean =>
  all.slice(0, index).filter((each) => each.metric === metric).length <
  (metric === 'goodput' ? windowsMax : 1);

const isKnown = (result: Result, answer: Answer): boolean =>
  result.variants.some(({ name }) => answerIn(result, name, answer).value !== null);

function isTelling(result: Result, answer: Answer): boolean {
  const values = result.variants.flatMap(({ name }) => answerIn(result, name, answer).value ?? []);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return metric(answer.metric).unit === 'share' ? most - least > alike : least < (1 - alike) * most;
}

/**
 * Returns the last window after a fault or phase in which it is known which variants recovered. A later fault may have
 * kept a variant from it.
 */
function recoveryWindow(result: Result): string | undefined {
  const windows = result.variants.flatMap((variant) =>
    variant.windows.filter(({ name, span }) => {
      const recovered = valueIn(result, variant.name, 'recovered', name);
      const isLast = !variant.faults.some(({ took }) => took && span && took.fromMs >= span.fromMs);
      return recovered === 1 || (recovered !== null && isLast);
    }),
  );
  return windows.toSorted((a, b) => (b.span?.fromMs ?? 0) - (a.span?.fromMs ?? 0))[0]?.name;
}

/** Returns the window at the end of the load: the last phase, or what follows the last fault. */
export function endOf({ variants }: Result): string | undefined {
  const windows = variants.flatMap((each) =>
    each.windows.filter(({ name }) => /^(phase|after|during) [^,]*$/.test(name)),
  );
  const lasting = windows.filter(({ span }) => span && span.untilMs > span.fromMs);
  return lasting.toSorted((a, b) => b.span!.fromMs - a.span!.fromMs)[0]?.name;
}

interface Answered {
  readonly value: number | null;
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** Values of a recovery that did not come, and of one under way: worse than any time. */
export const never = Infinity;
export const notYet = Number.MAX_VALUE;

/** Returns a figure of a variant with its text and tone. */
export function answerIn(result: Result, variant: string, answer: Answer): Answered {
  const { metric: name, window } = answer;
  const place = { variant, ...(window !== undefined && { window }) };
  const { value = null, atLeast } = figureAt(result.figures, { ...place, metric: name }) ?? {};
  if (name === 'timeToRecover' || name === 'timeToDrain') {
    const isLate = name === 'timeToDrain' || valueIn(result, variant, 'recovered', window) === 0;
    const isLeft = figureAt(result.figures, { ...place, metric: 'timeLeft' }) !== undefined;
    const worst = value === null && atLeast !== undefined && isLate ? (isLeft ? notYet : never) : undefined;
    const rounds = figureAt(result.figures, { ...place, metric: 'recovered' });
    const isMixed = (rounds?.n ?? 1) > 1 && rounds!.value! > 0 && rounds!.value! < 1;
    if (isMixed && value === null) return { value: null, text: `in ${countOf(rounds!)} of ${rounds!.n}` };
    const text = worst === never ? 'never' : worst === notYet ? 'not yet' : duration(value);
    const tone: Tone | undefined = value === 0 ? 'green' : worst === undefined ? undefined : 'red';
    return { value: worst ?? value, text: value === 0 ? 'at once' : text, tone };
  }
  const tone = name === 'goodput' && value !== null ? goodputTone(value) : undefined;
  const shown = value ?? (name === 'lostGoodput' ? atLeast : undefined) ?? null;
  return { value, text: figureShown(name, shown), tone };
}

/** Orders the variants by a figure, the worst first. */
export function worstFirst(result: Result, answer: Answer): VariantResult[] {
  const sign = metric(answer.metric).better === 'more' ? 1 : -1;
  const value = ({ name }: VariantResult) => answerIn(result, name, answer).value ?? 0;
  const order = (a: VariantResult, b: VariantResult) => {
    const [one, other] = [value(a), value(b)];
    return one === other ? 0 : sign * (one < other ? -1 : 1);
  };
  return result.variants.toSorted(order);
}
