import { duration, inNumber, plural } from '#lab/format.ts';
import { agreementOf } from '#lab/report/agreement.ts';
import { figureShown, metricName } from '#lab/report/metric-name.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { type Conclusion, listed, say, type Words } from './conclusion.ts';

/** How far what was measured agrees with what was expected beforehand. */
export function prediction(result: Result): Conclusion[] {
  const predicting = result.variants.filter(({ predictions }) => predictions.length > 0);
  const all = predicting.flatMap(({ predictions }) => predictions);
  const off = predicting.filter(({ predictions }) => predictions.some(({ ok }) => !ok));
  const differing = off.filter((variant) => !agreementOf(result, variant).agrees);
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
      title: `${agree} of ${plural(predicting.length, 'variant')} ${inNumber(agree, 'agrees', 'agree')} with what was predicted, in counts or in goodput`,
      points: [...differing.map(missed), ...inPart(result, off)],
    },
  ];
}

const met = (all: number): string =>
  inNumber(
    all,
    'The predicted figure was met within its tolerance.',
    `All ${plural(all, 'predicted figure')} were met within their tolerance.`,
  );

/** In what those differ that agree, by how grave it is; the table of predictions has the rest. */
function inPart(result: Result, variants: readonly VariantResult[]): Words[] {
  const { deadlineMs } = result.experiment;
  const agreeing = variants
    .map((variant) => ({ variant, ...agreementOf(result, variant) }))
    .filter(({ agrees }) => agrees);
  const late = agreeing.filter(({ goodput }) => goodput === false);
  const uncounted = agreeing.filter(({ counts }) => counts === false).map(({ variant }) => variant);
  const others = agreeing
    .filter(({ counts, goodput }) => counts !== false && goodput !== false)
    .map(({ variant }) => variant);
  const agree = ({ length }: readonly VariantResult[]) => inNumber(length, 'agrees', 'agree');
  const within = duration(deadlineMs);
  return [
    ...late.map(({ variant }) => {
      const { metric, measured, predicted } = variant.predictions.find(
        ({ metric }) => metric === `goodput${deadlineMs}Ms`,
      )!;
      return say`${variant} agrees in its counts, but not in its goodput: ${figureShown(metric, measured)} within ${within} where ${figureShown(metric, predicted)} was predicted.`;
    }),
    ...(uncounted.length === 0
      ? []
      : [
          say`${listed(uncounted)} ${agree(uncounted)} in goodput within ${within}, but not in all counts: see Predictions.`,
        ]),
    ...(others.length === 0
      ? []
      : [say`${listed(others)} ${agree(others)}, but for figures other than these: see Predictions.`]),
  ];
}

const namedMax = 3;

function missed(variant: VariantResult): Words {
  const off = variant.predictions.filter((each) => !each.ok);
  const names = off.map(({ metric }) => metricName(metric));
  const more = names.length > namedMax + 1 ? ` and ${names.length - namedMax} more` : '';
  const which = more === '' ? names.join(', ') : names.slice(0, namedMax).join(', ') + more;
  const why = [...new Set(off.map((each) => each.why).filter((text) => text !== ''))].join(' ');
  return say`${variant} differs in ${which}${why === '' ? '.' : `: ${why}`}`;
}
