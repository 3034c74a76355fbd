import { type MetricName, metric } from '#lab/experiment/metrics/catalogue.ts';
import { figureName, figureShown } from '#lab/experiment/metrics/shown.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { duration, inNumber, range } from '#lab/kit/text/format.ts';
import {
  type Answer,
  answerIn,
  answersOf,
  endOf,
  never,
  notYet,
  titleMetrics,
  worstFirst,
} from '#lab/show/answer.ts';
import { causesText, isEventful } from '#lab/show/bands.ts';
import { capitalised, joined, listed, say, type Words } from './words.ts';

/** Numbers besides those of the cause. More can't be read at a glance. */
const numbersMax = 4;
const groupsMax = 3;
/** Difference between variants that count as equal: of shares, or as a ratio. */
const alike = 0.05;

interface Group {
  readonly variants: readonly VariantResult[];
  readonly values: readonly number[];
}

/** Says what was done to the system, and what followed for which variants, the victims first. Equal variants are one group. */
export function headlineOf(result: Result): Words[] {
  const cause = causesText(result);
  const sentences: Words[] = cause === '' ? [] : [[cause]];
  const ofTitle = titleMetrics(result);
  let numbers = 0;
  for (const answer of answersOf(result)) {
    if (!isEventful(result) && !ofTitle.includes(answer.metric)) continue;
    const groups = groupsOf(result, answer);
    const values = groups.map((group) => valueText(answer.metric, group));
    const more = values.join(' ').match(/\d[\d.,]*/g)?.length ?? 0;
    if (groups.length < 2 && !ofTitle.includes(answer.metric)) continue;
    if (numbers + more > numbersMax) continue;
    numbers += more;
    sentences.push(sentenceOf(result, answer, groups, values));
  }
  return sentences;
}

/** Groups the variants by a figure, the worst first. Starts a new group at the largest differences. */
function groupsOf(result: Result, answer: Answer): Group[] {
  const known = worstFirst(result, answer).flatMap((variant) => {
    const { value } = answerIn(result, variant.name, answer);
    return value === null ? [] : [{ variant, value }];
  });
  const isShare = metric(answer.metric).unit === 'share';
  const gaps = known.slice(1).map(({ value }, i) => {
    const [least, most] = [value, known[i]!.value].sort((a, b) => a - b) as [number, number];
    if (least === most) return 0;
    // Where some never recover, the times of the others are alike.
    if (known[0]!.value >= notYet && most < notYet) return 0;
    return isShare ? most - least : 1 - least / most;
  });
  const wide = gaps.filter((gap) => gap > alike).sort((a, b) => b - a);
  const least = wide.slice(0, groupsMax - 1).at(-1) ?? Infinity;
  const groups: { variants: VariantResult[]; values: number[] }[] = [];
  known.forEach(({ variant, value }, i) => {
    if (i === 0 || gaps[i - 1]! >= least) groups.push({ variants: [], values: [] });
    groups.at(-1)!.variants.push(variant);
    groups.at(-1)!.values.push(value);
  });
  return groups;
}

/** Words around a figure: verb in singular and plural, and what follows the number. */
const phrases: Partial<Record<MetricName, readonly [one: string, many: string, after: string]>> = {
  goodput: ['completes', 'complete', ' in time'],
  amplification: ['makes', 'make', ' attempts per request'],
  lost: ['loses', 'lose', ' events'],
  dropped: ['drops', 'drop', ' requests'],
  rejected: ['rejects', 'reject', ' requests'],
  duplicates: ['repeats', 'repeat', ' effects'],
  wasted: ['wastes', 'waste', ' effects'],
  peakInFlight: ['reaches', 'reach', ' calls in flight'],
  timeToRecover: ['recovers', 'recover', ''],
  timeToDrain: ['drains its backlog', 'drain their backlog', ''],
  attempts: ['makes', 'make', ' attempts'],
  failed: ['fails', 'fail', ' requests'],
  unknown: ['leaves', 'leave', ' requests unknown'],
};

function valueText(name: MetricName, { values }: Group): string {
  const isTime = name === 'timeToRecover' || name === 'timeToDrain';
  if (!isTime) return range(values, (value) => figureShown(name, value));
  if (values[0] === never) return 'never';
  if (values[0] === notYet) return 'still';
  if (values[0] === 0) return 'at once';
  return `${values.length > 1 ? 'within' : 'after'} ${duration(values[0]!)}`;
}

function sentenceOf(
  result: Result,
  { metric: name, window = '' }: Answer,
  groups: readonly Group[],
  values: readonly string[],
): Words {
  const isTime = metric(name).unit === 'ms';
  const isAfter = name === 'timeToRecover' || name === 'timeToDrain';
  const [one, many, after] =
    phrases[name] ??
    (isTime ? [`has a ${name} of`, `have a ${name} of`, ''] : ['has', 'have', ` ${figureName(name)}`]);
  const when = isAfter || window === '' ? '' : `${capitalised(timeOf(result, window))}, `;
  const [first, ...others] = groups;
  const isOfAll = others.length === 0 && first?.variants.length === result.variants.length;
  const isNone = isOfAll && first.values.every((value) => value === 0);
  if (isNone && !isAfter) return [`${when === '' ? 'No' : `${when}no`} variant ${one}${after}.`];
  const parts = groups.map(({ variants }, i): Words => {
    const isAll = variants.length === result.variants.length && variants.length > 1;
    const who: Words = isAll ? [when === '' ? 'All' : 'all'] : listed(variants);
    if (values[i] === 'never') return say`${who} never ${inNumber(variants.length, one, many)}`;
    if (values[i] === 'still') return say`${who} ${inNumber(variants.length, 'is', 'are')} still recovering`;
    const isFirst = i === 0 || values[i - 1] === 'never' || values[i - 1] === 'still';
    return isFirst
      ? say`${who} ${inNumber(variants.length, one, many)} ${values[i]!}${after}`
      : say`${who} ${values[i]!}`;
  });
  return say`${when}${joined(parts, '; ')}.`;
}

/** Returns a part of the load in words: `during outage`, `at the end`, `from 5 s to 5.5 s`. */
function timeOf(result: Result, window: string): string {
  if (window.startsWith('phase ')) return window === endOf(result) ? 'at the end' : `in ${window}`;
  const [, from, until] = /^(\d+)(?:ms)?\.\.(\d+)ms/.exec(window) ?? [];
  if (from === undefined) return window.startsWith('class') ? `of ${window}` : window;
  return `from ${duration(Number(from))} to ${duration(Number(until))}`;
}
