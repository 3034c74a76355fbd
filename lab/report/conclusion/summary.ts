import { outcomes } from '#kit/wire.ts';
import { measuredVariants } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, plural, range, share } from '#lab/text/format.ts';
import { type Conclusion, conclude, listed, say } from './conclusion.ts';
import { leadersOf, trailersOf } from './difference.ts';

const healthy = 0.99;

/** Names the variants that complete the load in time; if none does, how most requests of the best end. */
export function summary(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const good = variants.filter((variant) => variant.goodput >= healthy);
  if (variants.length === 0) return [];
  if (good.length === variants.length) return allHealthy(result, variants);
  return good.length > 0 ? someHealthy(result, variants, good) : noneHealthy(result, variants);
}

function allHealthy(result: Result, variants: readonly VariantResult[]): Conclusion[] {
  const worst = Math.min(...variants.map((variant) => variant.goodput));
  const p99Ms = Math.max(...variants.map((variant) => variant.latency?.p99Ms ?? 0));
  const all = variants.length === 1 ? 'It' : 'Every variant';
  const within = duration(result.experiment.deadlineMs);
  const part = share(p99Ms / result.experiment.deadlineMs);
  return conclude('summary', 'good', 'Healthy', [
    say`${all} completes ${worst === 1 ? 'all' : share(worst)} of the offered requests within ${within}. The p99 is ${variants.length === 1 ? '' : 'at most '}${duration(p99Ms)}, ${part} of the deadline.`,
  ]);
}

function someHealthy(
  result: Result,
  variants: readonly VariantResult[],
  good: readonly VariantResult[],
): Conclusion[] {
  const last = trailersOf(variants);
  const least = Math.min(...good.map((variant) => variant.goodput));
  const part = least === 1 ? 'all' : good.length === 1 ? share(least) : `at least ${share(least)}`;
  const within = duration(result.experiment.deadlineMs);
  const rest = last.some((variant) => good.includes(variant))
    ? say`the others complete ${goodputs(variants.filter((variant) => !good.includes(variant)))}, too close to tell apart`
    : say`${listed(last)}, the last, ${complete(last)} ${goodputs(last)}`;
  return conclude(
    'summary',
    'good',
    `${good.length} of ${plural(variants.length, 'variant')} ${inNumber(good.length, 'completes', 'complete')} the requests in time`,
    [say`${listed(good)} ${complete(good)} ${part} of the same load within ${within}; ${rest}.`],
  );
}

function noneHealthy(result: Result, variants: readonly VariantResult[]): Conclusion[] {
  const best = leadersOf(variants);
  const offered = sum(best, (variant) => variant.offered);
  const within = duration(result.experiment.deadlineMs);
  const ends = outcomes
    .map((outcome) => ({ outcome, part: sum(best, (variant) => variant.outcomes[outcome]) / offered }))
    .filter(({ outcome, part }) => outcome !== 'ok' && part > 0)
    .sort((a, b) => b.part - a.part)
    .slice(0, 2)
    .map(({ outcome, part }) => `${share(part)} ${outcome}`);
  const rest = ends.length > 0 ? `; most others ended as: ${ends.join(', ')}` : '';
  const who = variants.length === 1 ? say`${listed(best)}` : say`The best, ${listed(best)},`;
  const tie = best.length === 1 ? '' : ', too close to tell apart';
  const title =
    variants.length === 1 ? 'Too few requests complete in time' : 'No variant completes all requests in time';
  return conclude('summary', 'bad', title, [
    say`${who} ${complete(best)} ${goodputs(best)} of ${plural(Math.max(...best.map((variant) => variant.offered)), 'request')} within ${within}${tie}${rest}.`,
  ]);
}

const complete = ({ length }: readonly VariantResult[]): string => inNumber(length, 'completes', 'complete');

const goodputs = (variants: readonly VariantResult[]): string =>
  range(
    variants.map((v) => v.goodput),
    share,
  );

const sum = (variants: readonly VariantResult[], of: (variant: VariantResult) => number): number =>
  variants.reduce((total, variant) => total + of(variant), 0);
