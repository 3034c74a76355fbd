import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { measuredVariants, peak, shareOf } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { duration, inNumber, number, plural, range, share } from '#lab/kit/text/format.ts';
import { adviceOf } from './advice.ts';
import { changesOfOnePolicy } from './policies.ts';
import { joined, listed, say, type Words } from './words.ts';

/** A finding of a rule, in words. */
export interface Conclusion {
  readonly tone: 'bad' | 'note';
  readonly title: string;
  /** At least one sentence each. */
  readonly points: readonly Words[];
}

/** Returns the conclusions that no single figure of the report shows. */
export function conclusionsOf(result: Result): Conclusion[] {
  const all: Conclusion[] = [
    { tone: 'note', title: 'What would have helped', points: adviceOf(result) },
    { tone: 'note', title: 'What one more policy changes', points: changesOfOnePolicy(result) },
    { tone: 'note', title: 'The queue hides the waiting time', points: backlogs(result) },
    { tone: 'note', title: 'The lowest latency is misleading', points: survivors(result) },
    { tone: 'bad', title: 'Wasted work', points: waste(result) },
    { tone: 'bad', title: 'Done, but reported as failed', points: falseErrors(result) },
  ];
  return all.filter(({ points }) => points.length > 0);
}

const amountOf = (result: Result, { name }: VariantResult, metric: MetricName): number =>
  valueIn(result, name, metric) ?? 0;

function backlogs(result: Result): Words[] {
  const hidden = measuredVariants(result).filter(
    (variant) =>
      variant.path === 'event' &&
      (peak(variant, 'backlog') ?? 0) >= 0.1 * amountOf(result, variant, 'offered'),
  );
  if (hidden.length === 0) return [];
  const refused = hidden.filter(({ name }) =>
    (['dropped', 'unsent', 'unknown'] as const).some((outcome) => valueIn(result, name, outcome)),
  );
  const accepted =
    refused.length === 0 ? 'Every event was accepted' : say`${listed(refused)} did not accept every event`;
  const peaks = hidden.map((variant) => say`${variant} up to ${number(peak(variant, 'backlog'))}`);
  return [say`${accepted}, and the load became a backlog: ${joined(peaks, ', ')}.`];
}

function survivors(result: Result): Words[] {
  const median = (variant: VariantResult) => amountOf(result, variant, 'p50');
  const completedIn = ({ name }: VariantResult) => shareOf(result, name, 'completed');
  const timed = measuredVariants(result).filter(({ name }) => valueIn(result, name, 'p50') !== null);
  const [fastest] = timed.toSorted((a, b) => median(a) - median(b));
  const [most] = timed.toSorted((a, b) => completedIn(b) - completedIn(a));
  if (!fastest || !most) return [];
  // Within the tolerances of downstream's sleep, 10 ms, and of a forecast, 10 %.
  const fast = timed.filter((each) => median(each) - median(fastest) < Math.max(10, 0.1 * median(each)));
  if (completedIn(most) - Math.max(...fast.map(completedIn)) < 0.3) return [];
  const [medians, completed] = [range(fast.map(median), duration), range(fast.map(completedIn), share)];
  return [
    say`${listed(fast)} ${inNumber(fast.length, 'has', 'have')} the lowest median (${medians}) because only ${completed} of the requests completed; ${most} completes ${share(completedIn(most))}, with a median of ${duration(median(most))}. Latency covers only completed requests.`,
  ];
}

/** Counts effects after the caller had given up, the largest share first, and effects beyond the first of a request. */
function waste(result: Result): Words[] {
  const variants = measuredVariants(result);
  const value = (variant: VariantResult, metric: MetricName) => amountOf(result, variant, metric);
  const wasted = (variant: VariantResult) => value(variant, 'wasted') / (value(variant, 'effects') || 1);
  const inVain = variants
    .filter((variant) => wasted(variant) >= 0.02)
    .toSorted((a, b) => wasted(b) - wasted(a))
    .map(
      (variant) =>
        say`${variant} ${share(wasted(variant))} (${number(value(variant, 'wasted'))} of ${plural(value(variant, 'effects'), 'effect')})`,
    );
  const twice = variants
    .filter((variant) => value(variant, 'duplicates') > 0)
    .map((variant) => say`${variant} ${number(value(variant, 'duplicates'))}`);
  return [
    ...(inVain.length > 0
      ? [say`The dependency's work for callers that had given up: ${joined(inVain, ', ')}.`]
      : []),
    ...(twice.length > 0 ? [say`Effects beyond the first of a request: ${joined(twice, ', ')}.`] : []),
  ];
}

/** Counts requests that may be done twice, since their callers don't know that they are done. */
function falseErrors(result: Result): Words[] {
  const done = (variant: VariantResult) => amountOf(result, variant, 'falseErrors');
  const each = measuredVariants(result)
    .filter((variant) => done(variant) > 0)
    .toSorted((a, b) => done(b) - done(a))
    .map(
      (variant) => say`${variant} ${number(done(variant))} of ${number(amountOf(result, variant, 'errors'))}`,
    );
  if (each.length === 0) return [];
  return [
    say`Errors of requests whose work was done: ${joined(each, ', ')}. A caller that tries again with another id has it done twice.`,
  ];
}
