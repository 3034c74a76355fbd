import { collapseOver, variantNames } from '#lab/analysis/statistics/estimates.ts';
import {
  brokenShare,
  collapsedPart,
  completedShare,
  endlessShare,
  faultsMet,
  measuredVariants,
  peak,
  saturated,
  shareOf,
} from '#lab/result/facts.ts';
import type { Result, Round, VariantResult } from '#lab/result/result.ts';
import { count, duration, inNumber, number, plural, range, share } from '#lab/text/format.ts';
import {
  type Conclusion,
  capitalised,
  conclude,
  joined,
  listed,
  say,
  type Words,
  windowText,
} from './conclusion.ts';
import { isLonger } from './difference.ts';

/** Finds variants that complete almost nothing although they call downstream, and explains why. */
export function collapse(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const collapsed = variants.filter((variant) => collapsedPart(variant));
  const points = collapsed.map((variant) => signature(variant, result));
  const sometimes = result.rounds ? collapsesIn(result.rounds) : [];
  if (points.length === 0 && sometimes.length > 0)
    return conclude('bad', 'Some rounds collapse', say`${joined(sometimes, '; ')}.`);
  const title =
    variants.length === 1
      ? 'The system collapses'
      : `${collapsed.length} of ${plural(variants.length, 'variant')} ${inNumber(collapsed.length, 'collapses', 'collapse')}`;
  return conclude('bad', title, ...points, sometimes.length > 0 && say`${joined(sometimes, '; ')}.`);
}

/** Counts the rounds with a collapse, for variants that collapsed in some rounds and not in others. */
const collapsesIn = (rounds: readonly Round[]): Words[] =>
  variantNames(rounds).flatMap((name) => {
    const { count, of } = collapseOver(rounds, name);
    return count > 0 && count < of ? [say`${name} collapses in ${count} of ${plural(of, 'round')}`] : [];
  });

function signature(variant: VariantResult, result: Result): Words {
  const within = duration(result.experiment.deadlineMs);
  const { window, ...part } = collapsedPart(variant)!;
  const where =
    window === undefined ? '' : ` ${window.startsWith('phase ') ? 'in ' : ''}${windowText(variant, window)}`;
  const ends = endlessShare(part) > 0 ? 'failed, timed out or never ended' : 'failed or timed out';
  const inFlight = variant.peakInFlight;
  // A deadline policy around the retries can also cut off the wait between two attempts, so there may be more timeouts
  // than attempts.
  const timedOut = variant.attempts > 0 ? Math.min(1, variant.attemptTimeouts / variant.attempts) : 0;
  const facts = [
    ...(inFlight == null ? [] : [`up to ${number(inFlight)} are in flight at downstream`]),
    ...(timedOut >= 0.5 ? [`${share(timedOut)} of all attempts time out`] : []),
  ];
  const more = facts.length > 0 ? ` ${capitalised(facts.join(', and '))}.` : '';
  return say`${variant}${where}: ${share(part.goodput)} completed within ${within}, ${share(brokenShare(part))} ${ends}. A request makes ${plural(variant.amplification, 'attempt')} on average.${more}${reading(variant)}`;
}

/** Interprets the amplification: the retries were wasted, or there were none. Empty if neither is clear. */
function reading(variant: VariantResult): string {
  const { amplification, retries } = variant;
  const tries = Math.round(amplification);
  const hasOtherCause = saturated(variant).length > 0 || faultsMet(variant).length > 0;
  if (retries === 0) return hasOtherCause ? '' : ' There were no retries: the load alone is too high.';
  if (tries >= 2 && Math.abs(amplification - tries) <= 0.15)
    return ` The average is close to ${tries}: nearly every request used all its attempts without success.`;
  return '';
}

/** Finds variants with many late requests, whose goodput a longer deadline would increase. */
export function late(result: Result): Conclusion[] {
  const tardy = measuredVariants(result).filter((variant) => shareOf(variant, 'late') >= 0.05);
  const within = duration(result.experiment.deadlineMs);
  return conclude('note', 'Requests complete, but late', ...tardy.map((each) => patience(each, within)));
}

function patience(variant: VariantResult, within: string): Words {
  const completed = completedShare(variant);
  const never = shareOf(variant, 'failed', 'timeout', 'rejected', 'dropped', 'dead', 'unsent');
  const open = endlessShare(variant);
  const rest = [
    never > 0 ? `; ${share(never)} never completes` : '',
    open > 0 ? `; ${share(open)} had not ended when the run did` : '',
  ].join('');
  const enough = variant.goodputByDeadline.find(({ goodput }) => goodput >= completed - 0.01);
  const wait = enough
    ? `; a deadline of ${duration(enough.deadlineMs)} would give ${share(enough.goodput)}`
    : '';
  return say`${variant} completes ${share(completed)}, but ${share(shareOf(variant, 'late'))} after the deadline of ${within}${rest}${wait}.`;
}

/** Counts accepted events that were lost, and requests whose outcome is unknown. */
export function lost(result: Result): Conclusion[] {
  const points = measuredVariants(result).flatMap((variant) => {
    const { lost, outcomes } = variant;
    return [
      lost > 0 &&
        say`${variant} accepted ${plural(lost, 'event')} that ${inNumber(lost, 'was', 'were')} lost.`,
      outcomes.unknown > 0 &&
        say`The outcome of ${plural(outcomes.unknown, 'request')} of ${variant} is unknown: neither an answer nor a completion arrived.`,
    ];
  });
  const isLost = result.variants.some((variant) => variant.lost > 0);
  return conclude('bad', isLost ? 'Accepted work was lost' : 'Some outcomes are unknown', ...points);
}

/** Counts effects after the caller had given up, the largest share first, and effects beyond the first of a request. */
export function waste(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const all = ({ effects }: VariantResult) => effects.distinct + effects.duplicates;
  const inVain = variants
    .filter((variant) => variant.effects.wasted > 0 && variant.effects.wasted >= 0.02 * all(variant))
    .toSorted((a, b) => b.effects.wasted / all(b) - a.effects.wasted / all(a))
    .map((variant) => {
      const { wasted } = variant.effects;
      return say`${variant} ${share(wasted / all(variant))} (${count(wasted)} of ${plural(all(variant), 'effect')})`;
    });
  const duplicated = variants
    .filter(({ effects }) => effects.duplicates > 0)
    .map((variant) => say`${variant} ${count(variant.effects.duplicates)}`);
  return conclude(
    'bad',
    'Wasted work',
    inVain.length > 0 && say`Downstream's work for callers that had given up: ${joined(inVain, ', ')}.`,
    duplicated.length > 0 && say`Effects beyond the first of a request: ${joined(duplicated, ', ')}.`,
  );
}

/** Warns of a variant whose latency looks low only because few requests completed. */
export function survivors(result: Result): Conclusion[] {
  const timed = measuredVariants(result).filter((variant) => variant.latency !== null);
  const median = ({ latency }: VariantResult) => latency?.p50Ms ?? 0;
  const [fastest] = timed.toSorted((a, b) => median(a) - median(b));
  const [most] = timed.toSorted((a, b) => completedShare(b) - completedShare(a));
  if (!fastest || !most) return [];
  const fast = timed.filter((variant) => !isLonger(median(variant), median(fastest)));
  const got = Math.max(...fast.map(completedShare));
  if (completedShare(most) - got < 0.3) return [];
  const medians = range(fast.map(median), duration);
  return conclude(
    'note',
    'The lowest latency is misleading',
    say`${listed(fast)} ${inNumber(fast.length, 'has', 'have')} the lowest median (${medians}) because only ${range(fast.map(completedShare), share)} of the requests completed; ${most} completes ${share(completedShare(most))}, with a median of ${duration(most.latency?.p50Ms ?? null)}. Latency covers only completed requests.`,
  );
}

/** Finds queues that grew although callers got no error. */
export function backlog(result: Result): Conclusion[] {
  const hidden = measuredVariants(result).filter(
    (variant) => variant.path === 'event' && (peak(variant, 'backlog') ?? 0) >= 0.1 * variant.offered,
  );
  if (hidden.length === 0) return [];
  const refused = hidden.filter((variant) => variant.outcomes.dropped > 0);
  const isSure = hidden.every(({ outcomes }) => outcomes.unsent === 0 && outcomes.unknown === 0);
  const none = isSure ? 'Every event was accepted' : 'No caller received a refusal';
  const accepted = refused.length === 0 ? none : say`${listed(refused)} refused some events`;
  const peaks = hidden.map((v) => say`${v} up to ${number(peak(v, 'backlog'))}${drained(v)}`);
  return conclude(
    'note',
    'The queue hides the waiting time',
    say`${accepted}, and the load became a backlog: ${joined(peaks, ', ')}.`,
  );
}

/** Says until when after the load the queue held events, or how many events were left at the end of the run. */
function drained({ series, outcomes: { pending } }: VariantResult): string {
  if (pending > 0) return ` (${number(pending)} ${inNumber(pending, 'was', 'were')} left when the run ended)`;
  const lastAbove = (column: readonly (number | null)[]) =>
    series.tMs[column.findLastIndex((value) => (value ?? 0) > 0)];
  const [loadEnd, backlogEnd] = [lastAbove(series.offered), lastAbove(series.backlog)];
  if (loadEnd === undefined || backlogEnd === undefined || backlogEnd <= loadEnd) return '';
  return ` (some events left until about ${duration(backlogEnd - loadEnd)} after the last scheduled request)`;
}
