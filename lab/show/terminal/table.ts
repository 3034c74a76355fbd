import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { isClose, sidesText } from '#lab/judge/hypotheses/sides-text.ts';
import { byGoodput, errorsOf, isBlank } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { roundsText } from '#lab/judge/statistics/rounds.ts';
import { count, plural } from '#lab/kit/text/format.ts';
import { columnsOf } from '#lab/show/columns.ts';
import { adviceOf } from '#lab/show/conclusion/advice.ts';
import { findingOf } from '#lab/show/conclusion/finding.ts';
import { plainWords } from '#lab/show/conclusion/words.ts';
import { describeSlowMotion } from '#lab/show/conditions.ts';
import { actionsOf } from '#lab/show/section/figures.ts';
import { simulatedAgreement, titleOf, verdictOf } from '#lab/show/verdict.ts';
import { figureLines } from './figures.ts';
import { dimmed, mark, type Paper, paint, printed, signed, tones, wrap } from './paper.ts';

/**
 * Amount of text about a result. `quiet` has only the verdict and the failed hypotheses. `normal` is enough for most
 * readers. `verbose` also lists what went as expected.
 */
export type Detail = 'quiet' | 'normal' | 'verbose';

export function renderTable(result: Result, paper: Paper, detail: Detail = 'normal'): string {
  const { width } = paper;
  const verdict = verdictLines(result, paper);
  if (detail === 'quiet') return printed([[...verdict, ...hypothesisLines(failedOf(result), paper)]]);
  const isVerbose = detail === 'verbose';
  const hypotheses = isVerbose ? hypothesisLines(result.hypotheses, paper) : notableHypotheses(result, paper);
  return printed([
    [paint(paper, 'bold', titleOf(result)), ...verdict],
    findingOf(result).flatMap((words) => wrap(plainWords(words), width, '  ')),
    result.slowMotion ? wrap(`Slow motion: ${describeSlowMotion(result.slowMotion)}.`, width, '  ') : [],
    variantLines(result, paper),
    isVerbose ? policyLines(result, paper) : [],
    isVerbose || result.status !== 'held' ? errorLines(result, width) : [],
    isBlank(result) ? [] : hypotheses,
    agreementLines(result, paper),
    adviceOf(result).flatMap((words) => signed('→', plainWords(words), paper)),
  ]);
}

const failedOf = ({ hypotheses }: Result): Result['hypotheses'] =>
  hypotheses.filter(({ ok }) => ok === false);

/** Formats the verdict and its reasons. Other lines show the failed hypotheses. */
export function verdictLines(result: Result, paper: Paper): string[] {
  const { word, sentence, reasons } = verdictOf(result);
  const { colour, sign } = tones[result.status];
  const [first = '', ...more] = wrap(`${sign} ${word}: ${sentence}`, paper.width, '  ');
  return [
    first.replace(`${sign} ${word}`, (head) => paint(paper, colour, head)),
    ...more,
    ...reasons.flatMap((reason) => wrap(`  - ${reason}`, paper.width, '    ')),
  ];
}

function variantLines(result: Result, paper: Paper): string[] {
  const { rounds } = result;
  const rows = byGoodput(result).map((variant) => ({ label: variant.name, thing: variant }));
  if (rows.length === 0) return [];
  const few = (rounds?.length ?? 10) < 10 ? '; use 10 rounds or more for a claim' : '';
  return [
    ...figureLines(rows, columnsOf(result), paper, 'see the report.'),
    ...(rounds
      ? dimmed(`Means over ${roundsText(result)}, and below them their 95 % intervals${few}.`, paper)
      : []),
  ];
}

/** Lists the hypotheses that failed, and those that held by a small margin. Only counts the others. */
function notableHypotheses(result: Result, paper: Paper): string[] {
  const held = result.hypotheses.filter(({ ok }) => ok);
  const close = held.filter(isClose);
  const open = result.hypotheses.filter(({ ok }) => ok === null).length;
  const among = close.length > 0 ? `, ${close.length} of them by a small margin` : '';
  return [
    ...hypothesisLines(failedOf(result), paper),
    ...(held.length > 0
      ? signed(mark(true, paper), `${plural(held.length, 'hypothesis')} held${among}`, paper)
      : []),
    ...close.flatMap((each) => signed(paint(paper, 'yellow', '!'), `close: ${measuredText(each)}`, paper)),
    ...(open > 0 ? signed(mark(null, paper), `${plural(open, 'hypothesis')} not judged`, paper) : []),
  ];
}

const hypothesisLines = (some: Result['hypotheses'], paper: Paper): string[] =>
  some.flatMap((hypothesis) => signed(mark(hypothesis.ok, paper), measuredText(hypothesis), paper));

function measuredText(hypothesis: HypothesisResult): string {
  const measured = sidesText(hypothesis).replaceAll(/ ([×=]) /g, '\u00a0$1\u00a0'); // a product stays on one line
  return `${hypothesis.text}  (${measured})`;
}

function policyLines({ variants }: Result, paper: Paper): string[] {
  const lines = variants.flatMap((variant) => {
    if (variant.policies.length === 0) return [];
    const actions = variant.policies.map((policy) => `${policy.policy} ${actionsOf(policy)}`);
    return wrap(`  ${variant.name}: ${actions.join('; ')}`, paper.width, '    ');
  });
  return lines.length > 0 ? ['What the policies did:', ...lines] : [];
}

/** Lists the most frequent error of each outcome, with a line for each variant. The report has the others. */
function errorLines({ variants, slowMotion }: Result, width: number): string[] {
  const lines = variants.flatMap((variant) => {
    const byOutcome = Map.groupBy(errorsOf(variant), ({ outcome }) => outcome);
    const texts = [...byOutcome].map(
      ([name, [first]]) => `${name} "${first?.reason}" (${count(first?.count ?? 0)}×)`,
    );
    return texts.length > 0 ? wrap(`  ${variant.name}: ${texts.join('; ')}`, width, '    ') : [];
  });
  const title = `First errors, the most frequent of each outcome${slowMotion ? ' (times in quotes are real time)' : ''}:`;
  return lines.length > 0 ? [...wrap(title, width, '  '), ...lines] : [];
}

/**
 * Counts the variants that agree with their simulation with overhead. In a neutral colour, since a difference doesn't
 * affect the verdict.
 */
function agreementLines(result: Result, paper: Paper): string[] {
  const { agreeing, judged } = simulatedAgreement(result);
  if (judged === 0) return [];
  const text = `≈ ${agreeing} of ${plural(judged, 'variant')} as simulated (in the report: Predicted and measured)`;
  return dimmed(text, paper, '  ');
}
