import { errorsOf } from '#lab/result/facts.ts';
import { number } from '#lab/text/format.ts';
import type { FirstErrors } from '#load/protocol.ts';

/** The first errors in parentheses. */
export function whyOf(firstErrors: FirstErrors): string {
  const reasons = errorsOf({ firstErrors }).map(({ reason, count }) => `"${reason}" ${number(count)}×`);
  return reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
}
