import { stallLines } from '#lab/analysis/figures/stall-text.ts';
import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { describeCapacity } from '#lab/report/capacity.ts';
import { describeSlowMotion } from '#lab/report/slow-motion.ts';
import { noVerdict, verdictOf } from '#lab/report/verdict.ts';
import { isBlank } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import { plural } from '#lab/text/format.ts';
import { variantColumns } from './columns.ts';
import { errorLines } from './errors.ts';
import { figureLines } from './figures.ts';
import { mark, type Paint, type Paper, painter, printed, tones, wrap } from './paper.ts';
import { policyLines } from './policies.ts';
import { predictionLines } from './predictions.ts';
import { roundLines } from './rounds.ts';

/** The result for a terminal: verdict and reasons, the variants, the hypotheses, the predictions, and whether the measurement holds. */
export function renderTable(result: Result, paper: Paper): string {
  const { width } = paper;
  const paint = painter(paper);
  return printed([
    [paint('bold', result.experiment.title), ...verdictLines(result, paint, width)],
    result.slowMotion ? wrap(`Slow motion: ${describeSlowMotion(result.slowMotion)}.`, width, '  ') : [],
    result.capacity ? wrap(describeCapacity(result.capacity), width, '  ') : [],
    result.variants.length > 0 ? variantLines(result, paint, width) : [],
    policyLines(result, paint, width),
    errorLines(result, width),
    result.rounds ? roundLines(result.rounds, paint, width) : [],
    isBlank(result) ? [] : hypothesisLines(result, paint, width),
    predictionLines(result, paint, width),
    checkLines(result, paint, width),
    stallsIn(result, paint, width),
  ]);
}

/** What the verdict is, and the reasons that stand nowhere else. */
export function verdictLines(result: Result, paint: Paint, width: number): string[] {
  const { word, sentence, reasons } = verdictOf(result);
  const { colour, sign } = tones[result.status];
  const [first = '', ...more] = wrap(`${sign} ${word}: ${sentence}`, width, '  ');
  const head = `${sign} ${word}`;
  return [
    first.startsWith(head) ? paint(colour, head) + first.slice(head.length) : first,
    ...more,
    // The hypotheses stand below, each with what failed.
    ...(result.status === 'failed' ? [] : reasons).flatMap((reason) => wrap(`  - ${reason}`, width, '    ')),
  ];
}

function variantLines({ variants }: Result, paint: Paint, width: number): string[] {
  const rows = variants.map((variant) => ({ label: variant.name, thing: variant }));
  const { lines, complete } = figureLines('variant', rows, variantColumns(variants), paint, width);
  return complete ? lines : [...lines, paint('dim', 'More columns are in the report.')];
}

function hypothesisLines({ hypotheses, status }: Result, paint: Paint, width: number): string[] {
  if (hypotheses.length === 0) return [];
  const note = status === 'invalid' ? wrap(noVerdict, width, '').map((line) => paint('dim', line)) : [];
  const lines = hypotheses.flatMap((hypothesis) => {
    const measured = sidesText(hypothesis).replaceAll(/ ([×=]) /g, '\u00a0$1\u00a0'); // a product stays on one line
    return marked(hypothesis.ok, `${hypothesis.text}  (${measured})`, paint, width);
  });
  return [...note, ...lines];
}

function checkLines({ validity, variants }: Result, paint: Paint, width: number): string[] {
  const passed = validity.filter(({ ok }) => ok).length;
  const balanced = variants.filter(({ ledger }) => ledger.balanced).length;
  const line = (good: number, all: number, words: string) =>
    all === 0 ? [] : marked(good === all, `${good} of ${plural(all, words)}`, paint, width);
  return [
    ...line(passed, validity.length, 'validity check').map((text) => `${text} passed`),
    ...line(balanced, variants.length, 'ledger').map((text) => `${text} balanced`),
  ];
}

/** Counts the variants with stalls. The report lists the stalls. */
function stallsIn(result: Result, paint: Paint, width: number): string[] {
  const stalled = result.variants.filter((variant) => stallLines(result, variant).length > 0);
  if (stalled.length === 0) return [];
  const line = `Processes paused, or used the CPU without a pause, in ${plural(stalled.length, 'variant')}: the report says when, under Validity.`;
  return wrap(line, width, '  ').map((text) => paint('dim', text));
}

function marked(ok: boolean | null, text: string, paint: Paint, width: number): string[] {
  const [first = '', ...more] = wrap(text, width - 2, '');
  return [`${mark(ok, paint)} ${first}`, ...more.map((line) => `  ${line}`)];
}
