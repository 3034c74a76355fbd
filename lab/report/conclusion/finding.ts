import { type Outcome, outcomes } from '#kit/wire.ts';
import { byGoodput, collapsedPart, measuredVariants, shareOf } from '#lab/result/facts.ts';
import type { Result, Round, Status, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, number, plural, range, share } from '#lab/text/format.ts';
import { capitalised, joined, listed, say, type Words, windowText } from './conclusion.ts';
import { findingOverRounds } from './over-rounds.ts';
import { recoveriesIn, recoverySentence } from './recovery.ts';

/** Goodput from which a variant counts as healthy. */
export const healthy = 0.99;

const sentencesMax = 3;

/** Says in up to three sentences which variants complete the load in time, fall behind, collapse, or never recover. */
export function findingOf(result: Result): Words[] {
  const sentences = result.rounds ? ofRounds(result, result.rounds) : ofSingleRun(result);
  const caveat = caveats[result.status];
  return caveat && sentences[0] ? [[caveat, ...sentences[0]], ...sentences.slice(1)] : sentences;
}

function ofRounds(result: Result, rounds: readonly Round[]): Words[] {
  const worst = worstRecovery(result);
  return [...findingOverRounds(result, rounds), ...(worst ? [recoverySentence(...worst)] : [])].slice(
    0,
    sentencesMax,
  );
}

function ofSingleRun(result: Result): Words[] {
  const variants = byGoodput(measuredVariants(result));
  if (variants.length === 0) return [];
  const worst = worstRecovery(result);
  const stuck =
    worst?.[1].flatMap(({ variant, recovery }) => (recovery.timeMs === null ? variant : [])) ?? [];
  const good = variants.filter(({ goodput }) => goodput >= healthy);
  const isCollapsed = (variant: VariantResult) => !good.includes(variant) && !!collapsedPart(variant);
  const collapsed = worst ? [] : variants.filter(isCollapsed);
  const apart = [...good, ...collapsed, ...stuck.filter(isCollapsed)];
  const middle = variants.filter((variant) => !apart.includes(variant));
  const within = duration(result.experiment.deadlineMs);
  const sentences = [
    ...(good.length > 0 ? [everything(good, within)] : []),
    ...(good.length === variants.length && !worst ? difference(good) : []),
    ...(middle.length > 0 ? [behind(middle, within)] : []),
    ...(worst ? [recoverySentence(...worst)] : []),
    ...(collapsed.length > 0 ? [collapse(collapsed)] : []),
  ];
  if (sentences.length < sentencesMax && good.length < variants.length)
    sentences.push(...attemptsOf(variants));
  return sentences;
}

/** Start of the finding if the run proves nothing. */
const caveats: Partial<Record<Status, string>> = {
  invalid: 'By an invalid measurement: ',
  error: 'Until the error: ',
  interrupted: 'Until the interruption: ',
};

/**
 * Returns the window after which the most variants did not recover. Of equal windows, the one with the longest time
 * without recovery. Undefined if all variants recovered.
 */
function worstRecovery(result: Result) {
  const never = ([, all]: ReturnType<typeof recoveriesIn>[number]) =>
    all.filter(({ recovery: { timeMs } }) => timeMs === null);
  const longestMs = (one: ReturnType<typeof recoveriesIn>[number]) =>
    Math.max(...never(one).map(({ recovery: { atLeastMs } }) => atLeastMs));
  return recoveriesIn(result)
    .filter((one) => never(one).length > 0)
    .sort((a, b) => never(b).length - never(a).length || longestMs(b) - longestMs(a))[0];
}

function everything(good: readonly VariantResult[], within: string): Words {
  const least = Math.min(...good.map(({ goodput }) => goodput));
  return say`${listed(good)} ${complete(good)} ${least === 1 ? 'every request' : partOf(least, good.length)} within ${within}.`;
}

/** Formats a share of the requests; for several variants, their lowest share. */
const partOf = (least: number, of: number): string =>
  of === 1
    ? `${share(least)} of the requests`
    : `at least ${share(Math.floor(least * 1000) / 1000)} of the requests`;

/**
 * Compares the costs of variants that all complete the load. Names the first cost that differs: duplicate effects,
 * attempts or latency.
 */
function difference(good: readonly VariantResult[]): Words[] {
  const [first, ...others] = good.toSorted((a, b) => b.effects.duplicates - a.effects.duplicates);
  if (!first || others.length === 0) return [];
  if (first.effects.duplicates > 0)
    return [
      say`${plural(first.effects.duplicates, 'effect')} of ${first} ${inNumber(first.effects.duplicates, 'is a duplicate', 'are duplicates')}.`,
    ];
  const extremes = (of: (variant: VariantResult) => number) => {
    const sorted = good.toSorted((a, b) => of(b) - of(a));
    const [most, least] = [sorted[0]!, sorted.at(-1)!];
    return of(most) >= 1.2 * of(least) ? [most, least] : undefined;
  };
  const attempts = extremes(({ amplification }) => amplification);
  if (attempts)
    return [
      say`${attempts[0]!} makes ${plural(attempts[0]!.amplification, 'attempt')} per request, ${attempts[1]!} ${number(attempts[1]!.amplification)}.`,
    ];
  const p99Ms = ({ latency }: VariantResult) => latency?.p99Ms ?? 0;
  const times = extremes(p99Ms);
  if (!times) return [];
  const [open, closed] = times.toSorted((a, b) => Number(isClosedLoop(a)) - Number(isClosedLoop(b)));
  const isMixed = !isClosedLoop(open!) && isClosedLoop(closed!);
  const second = isMixed
    ? say`; ${closed!} shows ${duration(p99Ms(closed!))}, since it leaves out the wait before sending`
    : say`, that of ${closed!} ${duration(p99Ms(closed!))}`;
  return [say`The p99 of ${open!} is ${duration(p99Ms(open!))}${second}.`];
}

/** True if the variant's load is a closed loop, whose latency counts from sending. */
const isClosedLoop = ({ config }: VariantResult): boolean =>
  (config.load as { callers?: number } | undefined)?.callers !== undefined;

/** Maximum number of variants that get a description each. */
const eachMax = 4;

/** Subject, verb and figures of a part of a sentence. Only the first part of a sentence has its verb. */
type Part = Readonly<{ who: VariantResult | string; verb: string; what: Words }>;

/** Least gap in goodput between two groups of variants. */
const gapMin = 0.05;

/**
 * Returns, for example, `bulkhead completes 87 % (13 % rejected), queue 48 % (52 % late) within 1 s.` Of more than
 * `eachMax` variants, a group is described by its best and its worst.
 */
function behind(middle: readonly VariantResult[], within: string): Words {
  const groups = middle.length > eachMax ? atLargestGap(middle) : middle.map((variant) => [variant]);
  const parts = groups.flatMap((group) => (group.length > 2 ? [together(group)] : group.map(alone)));
  const texts = parts.map(({ who, verb, what }, i) => say`${who}${i === 0 ? ` ${verb}` : ''} ${what}`);
  return say`${joined(texts, ', ')} within ${within}.`;
}

/** Splits variants, ordered by goodput, where the goodput falls most. */
function atLargestGap(sorted: readonly VariantResult[]): (readonly VariantResult[])[] {
  const gaps = sorted.slice(1).map(({ goodput }, i) => sorted[i]!.goodput - goodput);
  const largest = Math.max(...gaps);
  const at = gaps.indexOf(largest) + 1;
  return largest < gapMin ? [sorted] : [sorted.slice(0, at), sorted.slice(at)];
}

function alone(variant: VariantResult): Part {
  const losses = lossesOf([variant]);
  const what: Words = [`${share(variant.goodput)}${losses === '' ? '' : ` (${losses})`}`];
  return { who: variant, verb: 'completes', what };
}

/** Describes a group: `4 variants complete 77 % (events-8: 23 % late) down to 58 % (events-48: 39 % late)`. */
function together(group: readonly VariantResult[]): Part {
  const end = (variant: VariantResult) => {
    const losses = lossesOf([variant]);
    return say`${share(variant.goodput)} (${variant}${losses === '' ? '' : `: ${losses}`})`;
  };
  const what = say`${end(group[0]!)} down to ${end(group.at(-1)!)}`;
  return { who: plural(group.length, 'variant'), verb: 'complete', what };
}

/** Least ratio of the most to the fewest attempts per request that the finding mentions. */
const attemptsRatioMin = 1.5;

/** Compares the attempts of variants of which one retries much more than another. */
function attemptsOf(variants: readonly VariantResult[]): Words[] {
  const sorted = variants.toSorted((a, b) => b.amplification - a.amplification);
  const [most, least] = [sorted[0]!, sorted.at(-1)!];
  // Fewer than one attempt means refused requests, not fewer retries.
  if (most.amplification < attemptsRatioMin * Math.max(1, least.amplification)) return [];
  const top = sorted.filter(({ amplification }) => number(amplification) === number(most.amplification));
  return [
    say`${listed(top)} ${inNumber(top.length, 'makes', 'make')} ${plural(most.amplification, 'attempt')} per request, ${least} ${number(least.amplification)}.`,
  ];
}

/**
 * Says which variants collapsed, with the figures of the window in which they did. The window is named unless it is the
 * whole run.
 */
function collapse(collapsed: readonly VariantResult[]): Words {
  const parts = collapsed.flatMap((variant) => collapsedPart(variant) ?? []);
  const [window, ...others] = new Set(parts.map((part) => part.window));
  const isNamed = window !== undefined && others.length === 0;
  const when = isNamed ? `${capitalised(windowText(collapsed[0]!, window))}: ` : '';
  return say`${when}${listed(collapsed)} ${inNumber(collapsed.length, 'collapses', 'collapse')}: ${goodputs(parts)} in time${clause(lossesOf(parts))}.`;
}

const clause = (text: string): string => (text === '' ? '' : `, ${text}`);

const complete = ({ length }: readonly VariantResult[]): string => inNumber(length, 'completes', 'complete');

const goodputs = (variants: readonly Pick<VariantResult, 'goodput'>[]): string =>
  range(
    variants.map(({ goodput }) => goodput),
    share,
  );

/** Share of requests with a bad outcome from which the outcome is worth mentioning. */
const smallestLoss = 0.02;

/** End of a sentence that starts with the share of an outcome. */
const ends: Readonly<Record<Exclude<Outcome, 'ok'>, string>> = {
  late: 'late',
  failed: 'failed',
  timeout: 'timed out',
  rejected: 'rejected',
  dropped: 'dropped',
  dead: 'dead-lettered',
  pending: 'unfinished',
  unknown: 'without a known outcome',
  unsent: 'never sent',
};

/**
 * Describes the outcomes other than `ok`: `43 % rejected, 17 % timed out and 7 % failed`. Of several variants, only the
 * two most frequent: `up to 83 % rejected and up to 39 % late`.
 */
function lossesOf(variants: readonly Pick<VariantResult, 'offered' | 'outcomes'>[]): string {
  const most = (outcome: Outcome) => Math.max(...variants.map((variant) => shareOf(variant, outcome)));
  const [max, upTo] = variants.length > 1 ? [2, 'up to '] : [outcomes.length, ''];
  const lost = outcomes
    .flatMap((outcome) =>
      outcome !== 'ok' && most(outcome) >= smallestLoss ? [{ outcome, part: most(outcome) }] : [],
    )
    .toSorted((a, b) => b.part - a.part)
    .slice(0, max)
    .map(({ outcome, part }) => `${upTo}${share(part)} ${ends[outcome]}`);
  return new Intl.ListFormat('en-GB').format(lost);
}
