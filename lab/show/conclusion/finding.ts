import { type Outcome, outcomes } from '#kit/wire.ts';
import { duration, inNumber, plural, range, share } from '#lab/experiment/text/format.ts';
import { pairedDifference } from '#lab/judge/statistics/bootstrap.ts';
import { byMeanGoodput, collapseOver, meanOver, valuesOf } from '#lab/judge/statistics/estimates.ts';
import { byGoodput, collapsedPart, disturbedIn, measuredVariants, shareOf } from '#lab/result/facts.ts';
import type { Recovery, Result, Round, Status, VariantResult, Window } from '#lab/result/result.ts';
import { joined, listed, say, type Words } from './words.ts';

/** Goodput from which a variant counts as healthy. */
const healthy = 0.99;

/** Says in a few sentences which variants complete the load in time, fall behind, collapse, or never recover. */
export function findingOf(result: Result): Words[] {
  const sentences = result.rounds ? overRounds(result, result.rounds) : ofSingleRun(result);
  const disturbed = disturbedIn(result);
  const isSome = disturbed.length < result.variants.length;
  const invalid = say`With invalid figures${isSome ? say` of ${listed(disturbed)}` : ''}: `;
  const caveat = result.status === 'invalid' && disturbed.length > 0 ? invalid : caveats[result.status];
  return caveat && sentences[0] ? [[...caveat, ...sentences[0]], ...sentences.slice(1)] : sentences;
}

/** Start of the finding of a run that ended early. */
const caveats: Partial<Record<Status, Words>> = {
  error: ['Until the error: '],
  interrupted: ['Until the interruption: '],
};

function ofSingleRun(result: Result): Words[] {
  const variants = byGoodput(measuredVariants(result));
  const stuck = worstRecovery(result);
  const isStuck = (variant: VariantResult) =>
    stuck?.all.some((one) => one.variant === variant && one.recovery.timeMs === null) === true;
  const good = variants.filter(({ goodput }) => goodput >= healthy);
  const rest = variants.filter((variant) => !good.includes(variant));
  const collapsed = rest.filter((variant) => !isStuck(variant) && collapsedPart(variant));
  const behind = rest.filter((variant) => !isStuck(variant) && !collapsed.includes(variant));
  const within = duration(result.experiment.deadlineMs);
  return [
    ...(good.length > 0 ? [everything(good, within)] : []),
    ...(behind.length > 0 ? [incomplete(behind, within)] : []),
    ...(stuck ? [recoverySentence(stuck)] : []),
    ...(collapsed.length > 0 ? [collapse(collapsed)] : []),
  ];
}

function everything(good: readonly VariantResult[], within: string): Words {
  const least = Math.min(...good.map(({ goodput }) => goodput));
  const part = good.length === 1 ? share(least) : `at least ${share(Math.floor(least * 1000) / 1000)}`;
  const what = least === 1 ? 'every request' : `${part} of the requests`;
  return say`${listed(good)} ${complete(good.length)} ${what} within ${within}.`;
}

/** Maximum number of variants that are described one by one. */
const eachMax = 4;

/** Returns, for example, `bulkhead completes 87 % (13 % rejected), queue 48 % (52 % late) within 1 s.` */
function incomplete(behind: readonly VariantResult[], within: string): Words {
  const [first] = behind;
  const each = behind.map((variant) => {
    const verb = variant === first ? ' completes' : '';
    return say`${variant}${verb} ${share(variant.goodput)} (${lossesOf([variant])})`;
  });
  return behind.length <= eachMax
    ? say`${joined(each, ', ')} within ${within}.`
    : say`${listed(behind)} complete ${goodputs(behind)} within ${within}.`;
}

/** Says which variants collapsed, with the figures of the parts in which they did. */
function collapse(collapsed: readonly VariantResult[]): Words {
  const parts = collapsed.flatMap((variant) => collapsedPart(variant) ?? []);
  const [window, ...others] = new Set(parts.map((each) => each.window));
  const when = window !== undefined && others.length === 0 ? capitalised(`${window}: `) : '';
  return say`${when}${listed(collapsed)} ${inNumber(collapsed.length, 'collapses', 'collapse')}: ${goodputs(parts)} in time, ${lossesOf(parts)}.`;
}

/** Outcomes whose names don't read as the end of a sentence. */
const ends: Partial<Record<Outcome, string>> = {
  timeout: 'timed out',
  dead: 'dead-lettered',
  pending: 'unfinished',
  unsent: 'never sent',
};

/** Names the two most frequent outcomes other than `ok`: `43 % rejected and 17 % timed out`. */
function lossesOf(variants: readonly Pick<VariantResult, 'offered' | 'outcomes'>[]): string {
  const most = (outcome: Outcome) => Math.max(...variants.map((variant) => shareOf(variant, outcome)));
  return outcomes
    .filter((outcome) => outcome !== 'ok')
    .toSorted((a, b) => most(b) - most(a))
    .slice(0, 2)
    .filter((outcome, i) => i === 0 || most(outcome) >= 0.02)
    .map(
      (outcome) =>
        `${variants.length > 1 ? 'up to ' : ''}${share(most(outcome))} ${ends[outcome] ?? outcome}`,
    )
    .join(' and ');
}

const complete = (length: number): string => inNumber(length, 'completes', 'complete');

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const goodputs = (variants: readonly Pick<VariantResult, 'goodput'>[]): string =>
  range(
    variants.map(({ goodput }) => goodput),
    share,
  );

interface Recoveries {
  readonly window: string;
  readonly all: readonly Readonly<{ variant: VariantResult; recovery: Recovery }>[];
}

/** Returns the recoveries in the window after which the most variants did not recover; undefined if all did. */
function worstRecovery(result: Result): Recoveries | undefined {
  const reported = measuredVariants(result).flatMap((variant) =>
    variant.windows.flatMap((window) =>
      window.recovery?.reported && !isCutShort(variant, window)
        ? [{ window: window.name, variant, recovery: window.recovery }]
        : [],
    ),
  );
  const stuck = ({ all }: Recoveries) => all.filter(({ recovery }) => recovery.timeMs === null).length;
  return [...Map.groupBy(reported, ({ window }) => window)]
    .map(([window, all]) => ({ window, all }))
    .filter((one) => stuck(one) > 0)
    .sort((a, b) => stuck(b) - stuck(a))[0];
}

/** True if a later fault began before goodput had recovered. */
function isCutShort({ faults }: VariantResult, { span, recovery }: Window): boolean {
  if (!span || !recovery || recovery.timeMs !== null) return false;
  const untilMs = span.fromMs + recovery.atLeastMs;
  return faults.some(
    ({ onPath, took }) => onPath && took && took.fromMs >= span.fromMs && took.fromMs <= untilMs,
  );
}

/** Returns, for example, `After slow: budget and breaker recover within 1.2 s; retries does not recover within 8 s.` */
function recoverySentence({ window, all }: Recoveries): Words {
  const back = all.filter(({ recovery }) => recovery.timeMs !== null);
  const never = all.filter(({ recovery }) => recovery.timeMs === null);
  const who = (some: Recoveries['all']) => listed(some.map(({ variant }) => variant));
  const slowestMs = Math.max(...back.map(({ recovery }) => recovery.timeMs ?? 0));
  const watchedMs = Math.min(...never.map(({ recovery }) => recovery.atLeastMs));
  const when = slowestMs === 0 ? 'at once' : `within ${duration(slowestMs)}`;
  const first =
    back.length > 0 ? say`${who(back)} ${inNumber(back.length, 'recovers', 'recover')} ${when}; ` : '';
  const slow = never.filter(({ recovery }) => recovery.leftMs !== undefined);
  const still =
    slow.length > 0 ? say` ${who(slow)} ${inNumber(slow.length, 'was', 'were')} still recovering.` : '';
  return say`${capitalised(window)}: ${first}${who(never)} ${inNumber(never.length, 'does', 'do')} not recover within ${duration(watchedMs)}.${still}`;
}

/** Names the best and the worst mean goodput, the variants that may be as good as the best, and the collapses. */
function overRounds(result: Result, rounds: readonly Round[]): Words[] {
  const means = byMeanGoodput(rounds).flatMap((name) => {
    const goodput = meanOver(rounds, name, 'goodput')?.value;
    const variant = result.variants.find((each) => each.name === name);
    return goodput === undefined || !variant ? [] : [{ name, variant, goodput }];
  });
  const [best, worst] = [means[0], means.at(-1)];
  if (!best || !worst) return [];
  const values = (name: string) => valuesOf(rounds, name, 'goodput');
  const mayBeBest = ({ name }: { name: string }) =>
    !((pairedDifference(values(best.name), values(name))?.low ?? 0) > 0);
  // With one round there is no interval, so only equal figures count as equal.
  const top = means.filter(
    (each) =>
      each === best || (rounds.length > 1 ? mayBeBest(each) : share(each.goodput) === share(best.goodput)),
  );
  const last = top.includes(worst) ? '' : say`; the last, ${worst.variant}, ${share(worst.goodput)}`;
  const collapses = means.flatMap(({ name, variant }) => {
    const { count, of } = collapseOver(rounds, name);
    return count > 0 ? [say`${variant} ${count} of ${of}`] : [];
  });
  const chance = top.length > 1 && rounds.length > 1 ? ', a difference that may be chance' : '';
  const all = range(
    top.map(({ goodput }) => goodput),
    share,
  );
  const stuck = worstRecovery(result);
  return [
    say`Mean of ${plural(rounds.length, 'round')}: ${listed(top.map(({ variant }) => variant))} ${complete(top.length)} ${all} in time${all.includes(' to ') ? chance : ''}${last}.`,
    ...(collapses.length > 0 ? [say`Rounds with a collapse: ${joined(collapses, ', ')}.`] : []),
    ...(stuck ? [recoverySentence(stuck)] : []),
  ];
}
