import { agreementOf } from '#lab/report/agreement.ts';
import type { Result } from '#lab/result/result.ts';
import { inNumber, plural } from '#lab/text/format.ts';
import { caution, injectedFaults, meanwhile, saturation } from './caveats.ts';
import { type Conclusion, conclude, listed, type Rule, say } from './conclusion.ts';
import { breaker, oneOption, onePolicy } from './contrasts.ts';
import { backlog, collapse, late, lost, survivors, waste } from './losses.ts';
import { crossing, winner } from './ranking.ts';
import { same } from './same.ts';
import { summary } from './summary.ts';

/** In the order in which a reader needs them. */
const rules: readonly Rule[] = [
  summary,
  winner,
  crossing,
  lost,
  collapse,
  breaker,
  same,
  oneOption,
  onePolicy,
  late,
  backlog,
  survivors,
  waste,
  saturation,
];

/** Returns what a newcomer should learn from a result, each sentence drawn from its numbers. */
export const conclusionsOf = (result: Result): Conclusion[] =>
  [caution, injectedFaults, ...rules.map(meanwhile), prediction].flatMap((rule) => rule(result));

/** Counts the variants that agree with the forecast, and names the others. */
export function prediction(result: Result): Conclusion[] {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  if (predicting.length === 0) return [];
  const differing = predicting.filter((variant) => !agreementOf(result, variant).agrees);
  const agree = predicting.length - differing.length;
  const others =
    differing.length > 0
      ? say`${listed(differing)} ${inNumber(differing.length, 'differs', 'differ')}. `
      : '';
  return conclude(
    'prediction',
    'note',
    `${agree} of ${plural(predicting.length, 'variant')} ${inNumber(agree, 'agrees', 'agree')} with the forecast, in counts or in goodput`,
    [say`${others}Differences don't affect the verdict: see Predictions.`],
  );
}
