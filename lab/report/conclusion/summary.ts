import { type Outcome, outcomes } from '#kit/wire.ts';
import { measuredVariants, shareOf } from '#lab/report/facts.ts';
import { duration, inNumber, plural, share } from '#lab/report/format.ts';
import type { Result, VariantResult } from '#lab/result.ts';
import { type Conclusion, listed, say } from './conclusion.ts';

const healthy = 0.99;

/** Who does the work in time, and if nobody does, what becomes of it. */
export function summary(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const good = variants.filter((variant) => variant.goodput >= healthy);
  if (variants.length === 0) return [];
  if (good.length === variants.length) return [allHealthy(result, variants)];
  if (good.length > 0) return [someHealthy(result, variants, good)];
  return [noneHealthy(result, variants)];
}

function allHealthy(result: Result, variants: readonly VariantResult[]): Conclusion {
  const worst = Math.min(...variants.map((variant) => variant.goodput));
  const p99Ms = Math.max(...variants.map((variant) => variant.latency?.p99Ms ?? 0));
  const all = variants.length === 1 ? 'It' : 'Every variant';
  const within = duration(result.experiment.deadlineMs);
  const part = share(p99Ms / result.experiment.deadlineMs);
  return {
    rule: 'summary',
    tone: 'good',
    title: 'Healthy',
    points: [
      say`${all} completes ${worst === 1 ? 'all' : share(worst)} of the offered requests within ${within}. The p99 is ${variants.length === 1 ? '' : 'at most '}${duration(p99Ms)}, ${part} of the deadline.`,
    ],
  };
}

function someHealthy(
  result: Result,
  variants: readonly VariantResult[],
  good: readonly VariantResult[],
): Conclusion {
  const worst = variants.reduce((a, b) => (b.goodput < a.goodput ? b : a));
  const does = inNumber(good.length, 'completes', 'complete');
  const least = Math.min(...good.map((variant) => variant.goodput));
  const part = least === 1 ? 'all' : good.length === 1 ? share(least) : `at least ${share(least)}`;
  const within = duration(result.experiment.deadlineMs);
  return {
    rule: 'summary',
    tone: 'good',
    title: `${good.length} of ${plural(variants.length, 'variant')} ${inNumber(good.length, 'does', 'do')} the work in time`,
    points: [
      say`${listed(good)} ${does} ${part} of the same load within ${within}; ${worst}, the last, completes ${share(worst.goodput)}.`,
    ],
  };
}

function noneHealthy(result: Result, variants: readonly VariantResult[]): Conclusion {
  const best = variants.reduce((a, b) => (b.goodput > a.goodput ? b : a));
  const within = duration(result.experiment.deadlineMs);
  const fate = outcomes
    .filter((outcome) => outcome !== 'ok' && best.outcomes[outcome] > 0)
    .sort((a, b) => best.outcomes[b] - best.outcomes[a])
    .slice(0, 2)
    .map((outcome: Outcome) => `${share(shareOf(best, outcome))} ${outcome}`);
  return {
    rule: 'summary',
    tone: 'bad',
    title: variants.length === 1 ? 'The work is not done in time' : 'No variant does all the work in time',
    points: [
      say`${variants.length === 1 ? '' : 'The best, '}${best}${variants.length === 1 ? '' : ','} completes ${share(best.goodput)} of ${plural(best.offered, 'request')} within ${within}${fate.length > 0 ? `; of the rest most ended as: ${fate.join(', ')}` : ''}.`,
    ],
  };
}
