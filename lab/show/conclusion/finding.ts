import { type Outcome, outcomes } from '#kit/wire.ts';
import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { collapsedPart, type Ends } from '#lab/experiment/metrics/counted.ts';
import { figureAt, valueIn } from '#lab/experiment/metrics/table.ts';
import type { Span } from '#lab/experiment/span.ts';
import { duration, inNumber, plural, range, share } from '#lab/experiment/text/format.ts';
import { byGoodput, disturbedIn, measuredVariants } from '#lab/judge/result/facts.ts';
import type { Result, Status, VariantResult } from '#lab/judge/result/result.ts';
import { pairedDifference } from '#lab/judge/statistics/bootstrap.ts';
import { countOf, seedsIn, valuesOf } from '#lab/judge/statistics/rounds.ts';
import { joined, listed, say, type Words } from './words.ts';

/** Goodput from which a variant counts as healthy. */
const healthy = 0.99;

/** Says in a few sentences which variants complete the load in time, fall behind, collapse, or never recover. */
export function findingOf(result: Result): Words[] {
  const sentences = result.rounds ? overRounds(result) : ofSingleRun(result);
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
  const variants = byGoodput(result);
  const stuck = worstRecovery(result);
  const isStuck = (variant: VariantResult) =>
    stuck?.all.some((one) => one.variant === variant && !one.recovered) === true;
  const good = variants.filter((variant) => goodputIn(result, variant) >= healthy);
  const rest = variants.filter((variant) => !good.includes(variant));
  const collapsed = rest.filter(
    (variant) => !isStuck(variant) && valueIn(result, variant.name, 'collapsed') === 1,
  );
  const behind = rest.filter((variant) => !isStuck(variant) && !collapsed.includes(variant));
  const within = duration(result.experiment.deadlineMs);
  return [
    ...(good.length > 0 ? [everything(result, good, within)] : []),
    ...(behind.length > 0 ? [incomplete(result, behind, within)] : []),
    ...(stuck ? [recoverySentence(stuck)] : []),
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

/** Returns how the requests of a variant, or of its window, ended. */
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

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const goodputs = (parts: readonly Pick<Ends, 'goodput'>[]): string =>
  range(
    parts.map(({ goodput }) => goodput),
    share,
  );

interface Recovering {
  readonly variant: VariantResult;
  readonly recovered: boolean;
  /** Time to recover; without a recovery, its lower bound. */
  readonly timeMs: number;
  /** True if it was still recovering when the load ended. */
  readonly isUnderWay: boolean;
}

interface Recoveries {
  readonly window: string;
  readonly all: readonly Recovering[];
}

/** Returns the recoveries in the window after which the most variants did not recover; undefined if all did. */
function worstRecovery(result: Result): Recoveries | undefined {
  const reported = measuredVariants(result).flatMap((variant) =>
    variant.windows.flatMap(({ name: window, span }) => {
      const at = (metric: MetricName) => figureAt(result.figures, { variant: variant.name, window, metric });
      const [time, recovered] = [at('timeToRecover'), at('recovered')];
      if (!time || !recovered || !span) return [];
      const timeMs = time.value ?? time.atLeast ?? 0;
      const one = {
        window,
        variant,
        timeMs,
        recovered: time.value !== null,
        isUnderWay: at('timeLeft') !== undefined,
      };
      return one.recovered || !isCutShort(variant, span, timeMs) ? [one] : [];
    }),
  );
  const stuck = ({ all }: Recoveries) => all.filter(({ recovered }) => !recovered).length;
  return [...Map.groupBy(reported, ({ window }) => window)]
    .map(([window, all]) => ({ window, all }))
    .filter((one) => stuck(one) > 0)
    .sort((a, b) => stuck(b) - stuck(a))[0];
}

/** True if a later fault began before goodput had recovered. */
const isCutShort = ({ faults }: VariantResult, { fromMs }: Span, atLeastMs: number): boolean =>
  faults.some(
    ({ onPath, took }) => onPath && took && took.fromMs >= fromMs && took.fromMs <= fromMs + atLeastMs,
  );

/** Returns, for example, `After slow: budget and breaker recover within 1.2 s; retries does not recover within 8 s.` */
function recoverySentence({ window, all }: Recoveries): Words {
  const back = all.filter(({ recovered }) => recovered);
  const never = all.filter(({ recovered }) => !recovered);
  const who = (some: Recoveries['all']) => listed(some.map(({ variant }) => variant));
  const slowestMs = Math.max(...back.map(({ timeMs }) => timeMs));
  const watchedMs = Math.min(...never.map(({ timeMs }) => timeMs));
  const when = slowestMs === 0 ? 'at once' : `within ${duration(slowestMs)}`;
  const first =
    back.length > 0 ? say`${who(back)} ${inNumber(back.length, 'recovers', 'recover')} ${when}; ` : '';
  const slow = never.filter(({ isUnderWay }) => isUnderWay);
  const still =
    slow.length > 0 ? say` ${who(slow)} ${inNumber(slow.length, 'was', 'were')} still recovering.` : '';
  return say`${capitalised(window)}: ${first}${who(never)} ${inNumber(never.length, 'does', 'do')} not recover within ${duration(watchedMs)}.${still}`;
}

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
  const stuck = worstRecovery(result);
  return [
    say`Mean of ${plural(count, 'round')}: ${listed(top.map(({ variant }) => variant))} ${complete(top.length)} ${all} in time${all.includes(' to ') ? chance : ''}${last}.`,
    ...(collapses.length > 0 ? [say`Rounds with a collapse: ${joined(collapses, ', ')}.`] : []),
    ...(stuck ? [recoverySentence(stuck)] : []),
  ];
}
