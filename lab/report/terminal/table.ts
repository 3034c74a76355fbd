import { stallLines } from '#lab/analysis/figures/stall-text.ts';
import { isClose, sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { byMeanGoodput, collapseOver, meanOver } from '#lab/analysis/statistics/estimates.ts';
import { figureName, figureShown } from '#lab/experiment/hypothesis/metric-name.ts';
import type { MetricName } from '#lab/experiment/hypothesis/metrics.ts';
import { findingOf } from '#lab/report/conclusion/finding.ts';
import { plainWords } from '#lab/report/conclusion/words.ts';
import { describeAgents, describeSlowMotion } from '#lab/report/conditions.ts';
import { actionsOf } from '#lab/report/section/figures.ts';
import { judged, noVerdict, simulatedAgreement, verdictOf } from '#lab/report/verdict.ts';
import { byGoodput, errorsOf, isBlank } from '#lab/result/facts.ts';
import type { HypothesisResult, Result, Round, VariantResult } from '#lab/result/result.ts';
import type { PredictedFigure } from '#lab/result/simulations.ts';
import { count, duration, type Format, interval, none, number, plural, share } from '#lab/text/format.ts';
import { type Column, figureLines, goodputTone, variantColumns } from './figures.ts';
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
  const hypotheses = isVerbose ? allHypotheses(result, paper) : notableHypotheses(result, paper);
  return printed([
    [paint(paper, 'bold', result.experiment.title), ...verdict],
    findingLines(result, width),
    result.slowMotion ? wrap(`Slow motion: ${describeSlowMotion(result.slowMotion)}.`, width, '  ') : [],
    result.agents ? wrap(describeAgents(result.agents), width, '  ') : [],
    result.rounds ? roundLines(result.rounds, paper) : variantLines(result, paper),
    isVerbose ? policyLines(result, paper) : idleLines(result, paper),
    isVerbose || result.status !== 'held' ? errorLines(result, width) : [],
    isBlank(result) ? [] : hypotheses,
    isVerbose ? simulationLines(result, paper) : agreementLines(result, paper),
    ...(isVerbose ? [checkLines(result, paper), stallsIn(result, paper)] : []),
  ]);
}

const findingLines = (result: Result, width: number): string[] =>
  findingOf(result).flatMap((words) => wrap(plainWords(words), width, '  '));

const failedOf = (result: Result): Result['hypotheses'] =>
  result.status === 'invalid' ? [] : result.hypotheses.filter(({ ok }) => ok === false);

/** Formats the verdict, and its reasons unless other lines show them. */
export function verdictLines(result: Result, paper: Paper): string[] {
  const { word, sentence, reasons } = verdictOf(result);
  const { colour, sign } = tones[result.status];
  const [first = '', ...more] = wrap(`${sign} ${word}: ${sentence}`, paper.width, '  ');
  return [
    first.replace(`${sign} ${word}`, (head) => paint(paper, colour, head)),
    ...more,
    // A failed run lists its failed hypotheses below.
    ...(result.status === 'failed' ? [] : reasons).flatMap((reason) =>
      wrap(`  - ${reason}`, paper.width, '    '),
    ),
  ];
}

const inReport = 'see the report.';

/** Lists the variants, the best first. */
function variantLines({ variants }: Result, paper: Paper): string[] {
  const rows = byGoodput(variants).map((variant) => ({ label: variant.name, thing: variant }));
  return figureLines(rows, variantColumns(variants), paper, inReport);
}

function allHypotheses(result: Result, paper: Paper): string[] {
  const note = result.status === 'invalid' ? dimmed(noVerdict, paper) : [];
  return result.hypotheses.length === 0 ? [] : [...note, ...hypothesisLines(judged(result), paper)];
}

/** Lists the hypotheses that failed, and those that held by a small margin. Only counts the others. */
function notableHypotheses(result: Result, paper: Paper): string[] {
  if (result.status === 'invalid') return [];
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

function checkLines({ validity, variants }: Result, paper: Paper): string[] {
  const passed = validity.filter(({ ok }) => ok).length;
  const balanced = variants.filter(({ ledger }) => ledger.balanced).length;
  const line = (good: number, all: number, what: string, done: string) =>
    all === 0 ? [] : signed(mark(good === all, paper), `${good} of ${plural(all, what)} ${done}`, paper);
  return [
    ...line(passed, validity.length, 'validity check', 'passed'),
    ...line(balanced, variants.length, 'ledger', 'balanced'),
  ];
}

/** Counts the variants with stalls. The report lists the stalls. */
function stallsIn(result: Result, paper: Paper): string[] {
  const stalled = result.variants.filter((variant) => stallLines(result, variant).length > 0);
  if (stalled.length === 0) return [];
  return dimmed(
    `Processes paused, or used the CPU without a pause, in ${plural(stalled.length, 'variant')}: see Validity in the report.`,
    paper,
    '  ',
  );
}

/** Lists the actions of the policies, with a line for each variant, and warns of each policy that could not act. */
export function policyLines({ variants }: Result, paper: Paper): string[] {
  const lines = variants.flatMap((variant) => {
    if (variant.policies.length === 0) return [];
    const actions = variant.policies.map(
      (policy) => `${policy.policy} ${actionsOf({ ...policy, note: '' })}`,
    );
    return [
      ...wrap(`  ${variant.name}: ${actions.join('; ')}`, paper.width, '    '),
      ...idleIn(variant, paper),
    ];
  });
  return lines.length > 0 ? ['What the policies did:', ...lines] : [];
}

const idleLines = ({ variants }: Result, paper: Paper): string[] =>
  variants.flatMap((variant) => idleIn(variant, paper));

/** Warns of the policies of a variant that could not act. */
const idleIn = ({ name, policies }: VariantResult, paper: Paper): string[] =>
  policies
    .filter(({ note }) => note !== '')
    .flatMap((policy) =>
      signed(
        paint(paper, 'yellow', '⚠'),
        `In variant ${name}, the policy ${policy.policy} ${actionsOf(policy)}`,
        paper,
      ),
    );

/** Lists the most frequent error of each outcome, with a line for each variant. The report has the others. */
export function errorLines({ variants, slowMotion }: Result, width: number): string[] {
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

/** Formats the means over rounds with their intervals, the best variant first. */
function roundLines(rounds: readonly Round[], paper: Paper): string[] {
  const rows = byMeanGoodput(rounds).map((name) => ({ label: name, thing: name }));
  if (rows.length === 0) return [];
  const few = rounds.length < 10 ? '; use 10 rounds or more for a claim' : '';
  const note = `Means over ${plural(rounds.length, 'round')}, and below them their 95 % intervals${few}.`;
  return [...figureLines(rows, meansColumns(rounds), paper, inReport), ...dimmed(note, paper)];
}

/** Returns columns that show the means of a variant, given its name. */
function meansColumns(rounds: readonly Round[]): Column<string>[] {
  const mean = (head: string, metric: MetricName, format: Format, unit = ''): Column<string> => ({
    head,
    cell(name) {
      const estimate = meanOver(rounds, name, metric);
      return estimate ? `${format(estimate.value)}${unit}\n${interval(estimate, format)}` : none;
    },
  });
  return [
    {
      ...mean('goodput', 'goodput', share),
      tone: (name) => goodputTone(meanOver(rounds, name, 'goodput')?.value ?? 0),
    },
    {
      head: 'collapsed',
      cell(name) {
        const estimate = collapseOver(rounds, name);
        return `${estimate.count} of ${estimate.of}\n${interval(estimate, share)}`;
      },
    },
    mean('attempts', 'amplification', number, '/req'),
    mean('p50', 'p50', duration),
    mean('p99', 'p99', duration),
  ];
}

/**
 * Counts the variants that agree with their simulation with overhead. In a neutral colour, since a difference doesn't
 * affect the verdict. Empty after an invalid measurement, whose agreement would show nothing.
 */
function agreementLines({ simulations, status }: Result, paper: Paper): string[] {
  if (!simulations || status === 'invalid') return [];
  const { agreeing, judged } = simulatedAgreement(simulations);
  if (judged === 0) return [];
  const text = `≈ ${agreeing} of ${plural(judged, 'variant')} as simulated (in the report: Predicted and measured)`;
  return dimmed(text, paper, '  ');
}

/** Lists the figures of each variant with those of its simulations, ideal and with overhead, in brackets. */
export function simulationLines({ simulations }: Result, paper: Paper): string[] {
  if (!simulations) return [];
  const { reason, variants } = simulations;
  if (reason !== undefined) return dimmed(reason, paper);
  const lines = variants.flatMap(({ name, figures, reason }) => {
    const shown = figures.map(
      ({ metric, ideal, withOverhead, measured, verdict }) =>
        `${figureName(metric)} ${figureShown(metric, measured)} (${figureShown(metric, ideal?.mean ?? null)}, ${figureShown(metric, withOverhead?.mean ?? null)}${signs[verdict]})`,
    );
    const text = reason ?? shown.map((figure) => figure.replaceAll(' ', '\u00a0')).join(', ');
    return wrap(`${name}: ${text}`, paper.width, '  ');
  });
  const title = 'Measured, and in brackets simulated: ideal, with overhead; ≠ where the latter differs.';
  return [...wrap(title, paper.width, ''), ...lines].map((line) => paint(paper, 'dim', line));
}

const signs: Readonly<Record<PredictedFigure['verdict'], string>> = {
  agrees: '',
  explained: '',
  differs: ' ≠',
  unjudged: '',
};
