import {
  brokenShare,
  collapsedPart,
  endlessShare,
  faultsMet,
  measuredVariants,
  saturated,
} from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, number, plural, share } from '#lab/text/format.ts';
import { type Conclusion, say, type Words } from './conclusion.ts';

/** Variants that get next to nothing done although downstream is asked for it, and the signature of how. */
export function collapse(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const collapsed = variants.filter((variant) => collapsedPart(variant));
  if (collapsed.length === 0) return [];
  const afterwards = collapsed.every((variant) => collapsedPart(variant)?.window?.startsWith('after '));
  const [one, many] = afterwards ? ['does not recover', 'do not recover'] : ['collapses', 'collapse'];
  const title =
    variants.length === 1
      ? `The system ${one}`
      : `${collapsed.length} of ${plural(variants.length, 'variant')} ${inNumber(collapsed.length, one, many)}`;
  const points = collapsed.map((variant) => signature(variant, result));
  return [{ rule: 'collapse', tone: 'bad', title, points, dated: afterwards }];
}

function signature(variant: VariantResult, result: Result): Words {
  const within = duration(result.experiment.deadlineMs);
  const { window, ...part } = collapsedPart(variant)!;
  const where = window === undefined ? '' : ` ${window}`;
  const ends = endlessShare(part) > 0 ? 'failed, timed out or came to no end' : 'failed or timed out';
  const inFlight = variant.peakInFlight ?? null;
  const crowd = inFlight === null ? '' : ` with up to ${number(inFlight)} in flight at downstream`;
  // A deadline around the retries can also cut off the wait between two attempts.
  const timedOut = variant.attempts > 0 ? Math.min(1, variant.attemptTimeouts / variant.attempts) : 0;
  const timeouts = timedOut >= 0.5 ? `, and ${share(timedOut)} of the attempts time out` : '';
  return say`${variant}${where}: ${share(part.goodput)} done within ${within}, ${share(brokenShare(part))} ${ends}. Each request costs ${plural(variant.amplification, 'attempt')}${crowd}${timeouts}.${reading(variant)}`;
}

const hasOtherCause = (variant: VariantResult): boolean =>
  saturated(variant).length > 0 || faultsMet(variant).length > 0;

const loadAlone = ' No retry is to blame: the load alone is too much at once.';

/** What the amplification says: every retry used up in vain, or none to blame. */
function reading(variant: VariantResult): string {
  const { amplification, retries } = variant;
  const tries = Math.round(amplification);
  if (retries === 0) return hasOtherCause(variant) ? '' : loadAlone;
  if (tries >= 2 && Math.abs(amplification - tries) <= 0.15)
    return ` That is close to ${tries}: nearly every request used up all its attempts in vain.`;
  return '';
}
