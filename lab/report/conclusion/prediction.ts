import { agrees } from '#lab/report/facts.ts';
import { inNumber, plural } from '#lab/report/format.ts';
import { metricName } from '#lab/report/metric-name.ts';
import type { Result, VariantResult } from '#lab/result.ts';
import { type Conclusion, listed, say, type Words } from './conclusion.ts';

/** How far what was measured agrees with what was expected beforehand. */
export function prediction(result: Result): Conclusion[] {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  const all = predicting.flatMap(({ predictions }) => predictions);
  const off = predicting.filter(({ predictions }) => predictions.some(({ ok }) => !ok));
  const differing = off.filter((variant) => !agrees(result, variant));
  const agreeing = off.filter((variant) => agrees(result, variant));
  const agree = predicting.length - differing.length;
  if (all.length === 0) return [];
  if (off.length === 0) {
    return [
      {
        rule: 'prediction',
        tone: 'good',
        title: 'Prediction and measurement agree',
        points: [[met(all.length)]],
      },
    ];
  }
  return [
    {
      rule: 'prediction',
      tone: 'note',
      title: `${agree} of ${plural(predicting.length, 'variant')} ${inNumber(agree, 'agrees', 'agree')} on the whole with what was predicted`,
      points: [...differing.map(missed), ...(agreeing.length > 0 ? [inPart(agreeing)] : [])],
    },
  ];
}

const met = (all: number): string =>
  inNumber(
    all,
    'The predicted figure was met within its tolerance.',
    `All ${plural(all, 'predicted figure')} were met within their tolerance.`,
  );

/** Those that agree on the whole; the table of predictions has the rest. */
const inPart = (variants: readonly VariantResult[]): Words =>
  say`${listed(variants)} ${inNumber(variants.length, 'agrees', 'agree')}, but for single figures: see Predictions.`;

const namedMax = 3;

function missed(variant: VariantResult): Words {
  const off = variant.predictions.filter((each) => !each.ok);
  const names = off.map(({ metric }) => metricName(metric));
  const more = names.length > namedMax + 1 ? ` and ${names.length - namedMax} more` : '';
  const which = more === '' ? names.join(', ') : names.slice(0, namedMax).join(', ') + more;
  const why = [...new Set(off.map((each) => each.why).filter((text) => text !== ''))].join(' ');
  return say`${variant} differs in ${which}${why === '' ? '.' : `: ${why}`}`;
}
