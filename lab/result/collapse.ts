import { brokenShare } from './facts.ts';
import type { VariantResult } from './result.ts';

/** What has become of the requests of a variant, or of those that were due in a part of its load. */
type Figures = Pick<VariantResult, 'offered' | 'outcomes' | 'goodput'>;

/** Next to nothing is done in time, and most of it fails or comes to no end instead of being refused or late. */
const isCollapsed = (part: Figures): boolean =>
  part.offered > 0 && part.goodput < 0.2 && brokenShare(part) >= 0.5;

/**
 * The part of a variant that collapsed, if one did: the whole, or what came last, after a fault or in the last phase, from
 * which it has not recovered.
 */
export function collapsedPart(
  variant: Figures & Pick<VariantResult, 'windows'>,
): (Figures & { readonly window?: string }) | undefined {
  if (isCollapsed(variant)) return variant;
  const last = (variant.windows ?? [])
    .filter(({ name, span }) => span && /^(after|phase) /.test(name))
    .toSorted((a, b) => b.span!.fromMs - a.span!.fromMs)[0];
  // A few requests right after a fault say nothing of recovery.
  const isTelling = last && last.offered >= variant.offered / 10;
  return isTelling && isCollapsed(last) ? { ...last, window: last.name } : undefined;
}
