import { type Outcome, outcomes } from '#kit/wire.ts';
import { collapsedPart, type Ends } from '#lab/experiment/metrics/counted.ts';
import { figureAt, valueIn } from '#lab/experiment/metrics/table.ts';
import { byGoodput, disturbedIn } from '#lab/judge/result/facts.ts';
import type { Result, Status, VariantResult } from '#lab/judge/result/result.ts';
import { pairedDifference } from '#lab/judge/statistics/bootstrap.ts';
import { countOf, roundsText, seedsIn, valuesOf } from '#lab/judge/statistics/rounds.ts';
import { duration, inNumber, range, share } from '#lab/kit/text/format.ts';
import { isEventful } from '#lab/show/bands.ts';
import { headlineOf } from './headline.ts';
import { capitalised, joined, listed, say, type Words } from './words.ts';

/** Goodput from which a variant counts as healthy. */
const healthy = 0.99;

/** Says in a few sentences which variants complete the load in time, fall behind, collapse, or never recover. */
export function findingOf(result: Result): Words[] {
  const headline = headlineOf(result);
  const isAnswered = isEventful(result) && headline.length > 1;
  const usual = result.rounds ? overRounds(result) : isAnswered ? [] : ofSingleRun(result);
  const sentences = [
    ...(result.rounds ? usual : headline),
    ...(result.rounds ? headline : usual),
    ...ceilingIn(result),
  ];
  const disturbed = disturbedIn(result);
  const isSome = disturbed.length < result.variants.length;
  const invalid = say`With invalid figures${isSome ? say` of ${listed(disturbed)}` : ''}: `;
  const caveat = result.status === 'invalid' && disturbed.length > 0 ? invalid : caveats[result.status];
  return caveat && sentences[0] ? [[...caveat, ...sentences[0]], ...sentences.slice(1)] : sentences;
}

function ceilingIn(result: Result): Words[] {
  const ceilings = result.variants.flatMap(({ name }) => valueIn(result, name, 'ceiling') ?? []);
  const isLow = ceilings.some((ceiling) => ceiling < healthy);
  return isLow ? [[`No policy can complete more than ${range(ceilings, share)} in time.`]] : [];
}

/** Start of the finding of a run that ended early. */
const caveats: Partial<Record<Status, Words>> = {
  error: ['Of the finished variants: '],
  interrupted: ['Until the interruption: '],
};

function ofSingleRun(result: Result): Words[] {
  const variants = byGoodput(result);
  const good = variants.filter((variant) => goodputIn(result, variant) >= healthy);
  const rest = variants.filter((variant) => !good.includes(variant));
  const collapsed = rest.filter((variant) => valueIn(result, variant.name, 'collapsed') === 1);
  const behind = rest.filter((variant) => !collapsed.includes(variant));
  const within = duration(result.experiment.deadlineMs);
  return [
    ...(good.length > 0 ? [everything(result, good, within)] : []),
    ...(behind.length > 0 ? [incomplete(result, behind, within)] : []),
    ...(collapsed.length > 0 ? [collapse(result, collapsed)] : []),
  ];
}

const goodputIn = (result: Result, { name }: VariantResult): number => valueIn(result, name, 'goodput') ?? 0;

function everything(result: Result, good: readonly VariantResult[], within: string): Words {
  const least = Math.min(...good.map((variant) => goodputIn(result, variant)));
  const part = good.length === 1 ? share(least) : `at least ${share(Math.floor(least * 1000) / 1000)}`;
  const what = least === 1 ? 'every request' : `${part} of the requests`;
  return say`${listed(good)} ${complete(good.length)} ${what} within ${within}.`;
}

/** Maximum number of variants that are described one by one. */
const eachMax = 4;

/** Returns, for example, `bulkhead completes 87 % (13 % rejected), queue 48 % (52 % late) within 1 s.` */
function incomplete(result: Result, behind: readonly VariantResult[], within: string): Words {
  const parts = behind.map((variant) => endsOf(result, variant));
  const [first] = behind;
  const each = behind.map((variant, i) => {
    const verb = variant === first ? ' completes' : '';
    return say`${variant}${verb} ${share(parts[i]!.goodput)} (${lossesOf([parts[i]!])})`;
  });
  return behind.length <= eachMax
    ? say`${joined(each, ', ')} within ${within}.`
    : say`${listed(behind)} complete ${goodputs(parts)} within ${within}.`;
}

/** Says which variants collapsed, with the figures of the parts in which they did. */
function collapse(result: Result, collapsed: readonly VariantResult[]): Words {
  const parts = collapsed.map((variant) => {
    const windows = variant.windows.flatMap(({ name, span }) =>
      span ? { ...endsOf(result, variant, name), window: name, span } : [],
    );
    const whole = endsOf(result, variant);
    return collapsedPart(whole, windows) ?? whole;
  });
  const [window, ...others] = new Set(parts.map((each) => ('window' in each ? each.window : undefined)));
  const when = window !== undefined && others.length === 0 ? capitalised(`${window}: `) : '';
  return say`${when}${listed(collapsed)} ${inNumber(collapsed.length, 'collapses', 'collapse')}: ${goodputs(parts)} in time, ${lossesOf(parts)}.`;
}

const endsOf = (result: Result, { name }: VariantResult, window?: string): Ends => ({
  offered: valueIn(result, name, 'offered', window) ?? 0,
  goodput: valueIn(result, name, 'goodput', window) ?? 0,
  outcomes: Object.fromEntries(
    outcomes.map((outcome) => [outcome, valueIn(result, name, outcome, window) ?? 0]),
  ) as Ends['outcomes'],
});

/** Outcomes whose names don't read as the end of a sentence. */
const ends: Partial<Record<Outcome, string>> = {
  timeout: 'timed out',
  dead: 'dead-lettered',
  pending: 'unfinished',
  unsent: 'never sent',
};

/** Names the two most frequent outcomes other than `ok`: `43 % rejected and 17 % timed out`. */
function lossesOf(parts: readonly Ends[]): string {
  const most = (outcome: Outcome) =>
    Math.max(...parts.map(({ offered, outcomes }) => outcomes[outcome] / (offered || 1)));
  return outcomes
    .filter((outcome) => outcome !== 'ok')
    .toSorted((a, b) => most(b) - most(a))
    .slice(0, 2)
    .filter((outcome, i) => i === 0 || most(outcome) >= 0.02)
    .map(
      (outcome) => `${parts.length > 1 ? 'up to ' : ''}${share(most(outcome))} ${ends[outcome] ?? outcome}`,
    )
    .join(' and ');
}

const complete = (length: number): string => inNumber(length, 'completes', 'complete');

const goodputs = (parts: readonly Pick<Ends, 'goodput'>[]): string =>
  range(
    parts.map(({ goodput }) => goodput),
    share,
  );

/** Names the best and the worst mean goodput, the variants that may be as good as the best, and the collapses. */
function overRounds(result: Result): Words[] {
  const count = seedsIn(result).length;
  const means = byGoodput(result).flatMap((variant) => {
    const goodput = valueIn(result, variant.name, 'goodput');
    return goodput === null ? [] : [{ variant, goodput }];
  });
  const [best, worst] = [means[0], means.at(-1)];
  if (!best || !worst) return [];
  const values = ({ variant }: typeof best) => valuesOf(result, variant.name, 'goodput');
  const mayBeBest = (each: typeof best) => !((pairedDifference(values(best), values(each))?.low ?? 0) > 0);
  // With one round there is no interval, so only equal figures count as equal.
  const top = means.filter(
    (each) => each === best || (count > 1 ? mayBeBest(each) : share(each.goodput) === share(best.goodput)),
  );
  const last = top.includes(worst) ? '' : say`; the last, ${worst.variant}, ${share(worst.goodput)}`;
  const collapses = means.flatMap(({ variant }) => {
    const collapsed = figureAt(result.figures, { variant: variant.name, metric: 'collapsed' });
    return collapsed?.value ? [say`${variant} ${countOf(collapsed)} of ${collapsed.n ?? 0}`] : [];
  });
  const chance = top.length > 1 && count > 1 ? ', a difference that may be chance' : '';
  const all = goodputs(top);
  return [
    say`Mean of ${roundsText(result)}: ${listed(top.map(({ variant }) => variant))} ${complete(top.length)} ${all} in time${all.includes(' to ') ? chance : ''}${last}.`,
    ...(collapses.length > 0 ? [say`Rounds with a collapse: ${joined(collapses, ', ')}.`] : []),
  ];
}
