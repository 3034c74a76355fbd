import { outcomes } from '#kit/wire.ts';
import { measuredVariants } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, plural, range, share } from '#lab/text/format.ts';
import { type Conclusion, conclude, listed, say } from './conclusion.ts';
import { leadersOf, trailersOf } from './difference.ts';
import { healthy } from './finding.ts';

/**
 * Names the variants that complete the load in time. If there is none, says how most requests of the best variants end.
 */
export function summary(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const good = variants.filter((variant) => variant.goodput >= healthy);
  if (variants.length === 0) return [];
  if (good.length === 0) return noneHealthy(result, variants);
  const least = Math.min(...good.map(({ goodput }) => goodput));
  const within = withinDeadline(result);
  if (good.length === variants.length) {
    const p99Ms = Math.max(...variants.map(({ latency }) => latency?.p99Ms ?? 0));
    const [all, most] = variants.length === 1 ? ['It', ''] : ['Every variant', 'at most '];
    return conclude(
      'good',
      'Healthy',
      say`${all} completes ${least === 1 ? 'all' : share(least)} of the offered requests ${within}. The p99 is ${most}${duration(p99Ms)}, ${share(p99Ms / result.experiment.deadlineMs)} of the deadline.`,
    );
  }
  const part = least === 1 ? 'all' : good.length === 1 ? share(least) : `at least ${share(least)}`;
  const last = trailersOf(variants);
  const rest = last.some((variant) => good.includes(variant))
    ? say`the others complete ${goodputs(variants.filter((variant) => !good.includes(variant)))}, too close to tell apart`
    : say`${listed(last)}, the last, ${complete(last)} ${goodputs(last)}`;
  return conclude(
    'good',
    `${good.length} of ${plural(variants.length, 'variant')} ${complete(good)} the requests in time`,
    say`${listed(good)} ${complete(good)} ${part} of the same load ${within}; ${rest}.`,
  );
}

const withinDeadline = ({ experiment }: Result): string => `within ${duration(experiment.deadlineMs)}`;

function noneHealthy(result: Result, variants: readonly VariantResult[]): Conclusion[] {
  const best = leadersOf(variants);
  const sum = (of: (variant: VariantResult) => number) =>
    best.reduce((total, variant) => total + of(variant), 0);
  const ends = outcomes
    .filter((outcome) => outcome !== 'ok')
    .map((outcome) => ({ outcome, part: sum((v) => v.outcomes[outcome]) / sum((v) => v.offered) }))
    .filter(({ part }) => part > 0)
    .sort((a, b) => b.part - a.part)
    .map(({ outcome, part }) => `${share(part)} ${outcome}`);
  const which = ends.length > 2 ? 'main other outcomes' : 'other outcomes';
  const whose = best.length === 1 ? '' : ' of these variants together';
  const rest = ends.length > 0 ? `; ${which}${whose}: ${ends.slice(0, 2).join(', ')}` : '';
  const tie = best.length === 1 ? '' : ', too close to tell apart';
  const [title, who] =
    variants.length === 1
      ? ['Too few requests complete in time', listed(best)]
      : ['No variant completes all requests in time', say`The best, ${listed(best)},`];
  const offered = plural(Math.max(...best.map((variant) => variant.offered)), 'request');
  return conclude(
    'bad',
    title,
    say`${who} ${complete(best)} ${goodputs(best)} of ${offered} ${withinDeadline(result)}${tie}${rest}.`,
  );
}

const complete = ({ length }: readonly VariantResult[]): string => inNumber(length, 'completes', 'complete');

const goodputs = (variants: readonly VariantResult[]): string =>
  range(
    variants.map((v) => v.goodput),
    share,
  );
