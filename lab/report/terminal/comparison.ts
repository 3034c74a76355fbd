import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { differences } from '#lab/report/differences.ts';
import type { Result } from '#lab/result/result.ts';
import { type Changed, changeLines } from './changes.ts';
import { variantColumns } from './columns.ts';
import { figureLines } from './figures.ts';
import { mark, type Paint, type Paper, painter, printed, wrap } from './paper.ts';
import { verdictLines } from './table.ts';

type Sides = readonly (readonly [side: 'before' | 'after', result: Result])[];

/**
 * Two results for a terminal, one line above the other: verdicts, what else differs, variants, hypotheses. Where one has
 * rounds, what has changed takes the place of the variants.
 */
export function renderComparison(before: Result, after: Result, paper: Paper, changed?: Changed): string {
  const { width } = paper;
  const paint = painter(paper);
  const sides: Sides = [
    ['before', before],
    ['after', after],
  ];
  const titles = new Set(sides.map(([, { experiment }]) => experiment.title));
  return printed([
    [...titles].map((title) => paint('bold', title)),
    sides.flatMap(([side, result]) => {
      const [first = '', ...more] = verdictLines(result, paint, width - gutter);
      return [side.padEnd(gutter) + first, ...more.map((line) => ' '.repeat(gutter) + line)];
    }),
    differences(before, after).flatMap((text) =>
      wrap(`⚠ ${text}`, width, '  ').map((line) => line.replace(/^⚠/, (sign) => paint('yellow', sign))),
    ),
    changed ? changeLines(changed, paint, width) : variantLines(sides, paint, width),
    sides.every(([, { rounds }]) => rounds)
      ? []
      : wrap(noInterval, width, '').map((line) => paint('dim', line)),
    hypothesisLines(sides, paint, width),
  ]);
}

const noInterval =
  'One run shows no interval: only with --repeat on both sides can a change be told from luck.';

/** Wide enough for either side's name. */
const gutter = 'before  '.length;

function variantLines(sides: Sides, paint: Paint, width: number): string[] {
  const all = sides.flatMap(([side, { variants }]) => variants.map((variant) => ({ side, variant })));
  if (all.length === 0) return [];
  const groups = Map.groupBy(all, ({ variant }) => variant.name);
  const rows = [...groups.values()]
    .flat()
    .map(({ side, variant }) => ({ label: `  ${side}`, thing: variant }));
  const columns = variantColumns(all.map(({ variant }) => variant));
  const { lines, complete } = figureLines('variant', rows, columns, paint, width);
  const [head = '', ...figures] = lines;
  const named = [...groups].flatMap(([name, { length }]) => [name, ...figures.splice(0, length)]);
  return [head, ...named, ...(complete ? [] : [paint('dim', 'A wider terminal shows more columns.')])];
}

const forInformation = ' (for information: the run is invalid)';

function hypothesisLines(sides: Sides, paint: Paint, width: number): string[] {
  const all = sides.flatMap(([side, { hypotheses, status }]) =>
    hypotheses.map((hypothesis) => ({ side, hypothesis, note: status === 'invalid' ? forInformation : '' })),
  );
  return [...Map.groupBy(all, ({ hypothesis }) => hypothesis.text)].flatMap(([text, judged]) => [
    ...wrap(text, width, '  '),
    ...judged.flatMap(({ side, hypothesis, note }) => {
      const [first = '', ...more] = wrap(sidesText(hypothesis) + note, width - gutter - 4, '');
      const indented = more.map((line) => ' '.repeat(gutter + 4) + line);
      return [`  ${side.padEnd(gutter)}${mark(hypothesis.ok, paint)} ${first}`, ...indented];
    }),
  ]);
}
