import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import type { Estimate } from '#lab/analysis/statistics/bootstrap.ts';
import type { Change } from '#lab/analysis/statistics/change.ts';
import { formatOf, formatOfDifference } from '#lab/experiment/hypothesis/metric-name.ts';
import { metrics } from '#lab/experiment/hypothesis/metrics.ts';
import { differences } from '#lab/report/differences.ts';
import { judged } from '#lab/report/verdict.ts';
import type { Result } from '#lab/result/result.ts';
import { type Format, interval, none, rate, share } from '#lab/text/format.ts';
import { type Column, groupedLines, variantColumns } from './figures.ts';
import { dimmed, hanging, mark, type Paint, type Paper, painter, printed, wrap } from './paper.ts';
import { verdictLines } from './table.ts';

type Sides = readonly (readonly [side: 'before' | 'after', result: Result])[];

/** Renders two results for a terminal, one line above the other. With rounds, changes replace the variants. */
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
    sides.flatMap(([side, result]) =>
      hanging(side.padEnd(gutter), gutter, verdictLines(result, paint, width - gutter)),
    ),
    differences(before, after).flatMap((text) =>
      wrap(`⚠ ${text}`, width, '  ').map((line) => line.replace(/^⚠/, (sign) => paint('yellow', sign))),
    ),
    changed ? changeLines(changed, paint, width) : variantLines(sides, paint, width),
    sides.every(([, { rounds }]) => rounds) ? [] : dimmed(noInterval, paint, width),
    hypothesisLines(sides, paint, width),
  ]);
}

const noInterval = 'A single run has no interval: use --repeat on both sides to tell a change from chance.';

/** Wide enough for the name of either side. */
const gutter = 'before  '.length;

function variantLines(sides: Sides, paint: Paint, width: number): string[] {
  const all = sides.flatMap(([side, { variants }]) =>
    variants.map((thing) => ({ label: `  ${side}`, thing })),
  );
  if (all.length === 0) return [];
  const groups = Map.groupBy(all, ({ thing }) => thing.name);
  const columns = variantColumns(all.map(({ thing }) => thing));
  const { lines, complete } = groupedLines(groups, columns, paint, width);
  return complete ? lines : [...lines, paint('dim', 'A wider terminal shows more columns.')];
}

const forInformation = ' (for information: the run is invalid)';

function hypothesisLines(sides: Sides, paint: Paint, width: number): string[] {
  const all = sides.flatMap(([side, result]) => {
    const note = result.status === 'invalid' ? forInformation : '';
    return judged(result).map((hypothesis) => ({ side, hypothesis, note }));
  });
  return [...Map.groupBy(all, ({ hypothesis }) => hypothesis.text)].flatMap(([text, ofBoth]) => [
    ...wrap(text, width, '  '),
    ...ofBoth.flatMap(({ side, hypothesis, note }) =>
      hanging(
        `  ${side.padEnd(gutter)}${mark(hypothesis.ok, paint)} `,
        gutter + 4,
        wrap(sidesText(hypothesis) + note, width - gutter - 4, ''),
      ),
    ),
  ]);
}

/** Changes, and the margin by which figures may get worse, if one is asked for. */
interface Changed {
  readonly changes: readonly Change[];
  readonly margin?: number | undefined;
}

/** Lists the changes of figures that ever happened, by variant, and those that exceed the margin. */
function changeLines({ changes, margin }: Changed, paint: Paint, width: number): string[] {
  const shown = changes.filter(hasHappened);
  if (shown.length === 0) return [];
  const rows = shown.map((change) => ({ label: `  ${change.figure}`, thing: change }));
  const groups = Map.groupBy(rows, ({ thing }) => thing.variant ?? 'dependency');
  return [
    ...groupedLines(groups, changeColumns, paint, width).lines,
    ...(shown.some(({ verdict }) => verdict) ? dimmed(legend, paint, width) : []),
    ...(shown.some(({ instead }) => instead) ? dimmed(unjudged, paint, width) : []),
    ...(margin === undefined ? [] : ['', ...marginLines(changes, margin, paint, width)]),
  ];
}

const legend =
  'Means, and the 95 % interval of their difference (for a capacity its bounds), for shares in percentage points. One in twenty unchanged figures seems to have changed by chance.';

const unjudged =
  'Instead of a verdict: the cause that alone explains the change, which is more or less work done, or another load.';

/** True unless the figure was zero on both sides. */
const hasHappened = ({ figure, before, after }: Change): boolean =>
  figure === 'goodput' || figure === 'collapsed' || [before, after].some((side) => (side?.value ?? 0) > 0);

function marginLines(changes: readonly Change[], margin: number, paint: Paint, width: number): string[] {
  const regressed = changes.filter((change) => change.regressed);
  if (regressed.length === 0)
    return [`${paint('green', '✓')} No figure is significantly worse by more than ${share(margin)}`];
  const which = regressed
    .map(({ figure, variant }) => (variant ? `${figure}(${variant})` : figure))
    .join(', ');
  const lines = wrap(`Significantly worse by more than ${share(margin)}: ${which}`, width - 2, '  ');
  return hanging(`${paint('red', '✗')} `, 0, lines);
}

const side = (head: 'before' | 'after'): Column<Change> => ({
  head,
  cell: (change) => shownOf(change[head], formats(change).value),
});

const shownOf = (estimate: Estimate | null, format: Format): string =>
  estimate ? format(estimate.value) : none;

function formats({ figure }: Change): Record<'value' | 'difference', Format> {
  if (figure === 'capacity') return { value: rate, difference: rate };
  const unit = figure === 'collapsed' ? 'share' : metrics[figure].unit;
  return { value: formatOf(unit), difference: formatOfDifference(unit) };
}

const verdictTones = { better: 'green', worse: 'red', 'no difference': 'dim' } as const;

const changeColumns: readonly Column<Change>[] = [
  side('before'),
  side('after'),
  {
    head: 'difference',
    cell: (change) =>
      (change.difference && change.difference.value > 0 ? '+' : '') +
      shownOf(change.difference, formats(change).difference),
  },
  {
    head: 'interval',
    cell: (change) => (change.difference ? interval(change.difference, formats(change).difference) : none),
  },
  {
    head: 'verdict',
    cell: ({ verdict, instead = none }) => verdict ?? instead,
    tone: ({ verdict }) => (verdict ? verdictTones[verdict] : 'dim'),
  },
];
