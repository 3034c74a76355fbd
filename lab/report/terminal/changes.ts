import type { Estimate } from '#lab/analysis/statistics/bootstrap.ts';
import type { Change } from '#lab/analysis/statistics/change.ts';
import { formatOf, formatOfDifference } from '#lab/experiment/hypothesis/metric-name.ts';
import { metrics } from '#lab/experiment/hypothesis/metrics.ts';
import { interval, none, rate, share } from '#lab/text/format.ts';
import type { Column } from './columns.ts';
import { figureLines } from './figures.ts';
import { type Colour, type Paint, wrap } from './paper.ts';

/** What has changed, and by how much figures may get worse, where that is asked. */
export interface Changed {
  readonly changes: readonly Change[];
  readonly margin?: number | undefined;
}

/** What rounds have changed, variant by variant, but for what never happened; and what is worse beyond a margin. */
export function changeLines({ changes, margin }: Changed, paint: Paint, width: number): string[] {
  const shown = changes.filter(hasHappened);
  if (shown.length === 0) return [];
  const groups = Map.groupBy(shown, ({ variant }) => variant);
  const rows = shown.map((change) => ({ label: `  ${change.figure}`, thing: change }));
  const { lines } = figureLines('variant', rows, columns, paint, width);
  const [head = '', ...figures] = lines;
  return [
    head,
    ...[...groups].flatMap(([name, { length }]) => [name ?? 'dependency', ...figures.splice(0, length)]),
    ...(shown.some(({ verdict }) => verdict)
      ? wrap(drawFor, width, '').map((line) => paint('dim', line))
      : []),
    ...(shown.some(({ instead }) => instead)
      ? wrap(unjudged, width, '').map((line) => paint('dim', line))
      : []),
    ...(margin === undefined ? [] : ['', ...marginLines(changes, margin, paint, width)]),
  ];
}

const drawFor =
  'Means, and the 95 % interval of their difference, of a capacity its bounds; that of shares is in percentage points. Of figures that did not change, one in twenty seems to have, by luck.';

const unjudged =
  'In the place of a verdict stands what brings such a change about by itself: more or less is done, or another load.';

/** Zero on both sides, all the time. */
const hasHappened = ({ figure, before, after }: Change): boolean =>
  figure === 'goodput' || figure === 'collapsed' || [before, after].some((side) => (side?.value ?? 0) > 0);

function marginLines(changes: readonly Change[], margin: number, paint: Paint, width: number): string[] {
  const regressed = changes.filter((change) => change.regressed);
  if (regressed.length === 0)
    return [`${paint('green', '✓')} No figure is surely worse by more than ${share(margin)}`];
  const which = regressed
    .map(({ figure, variant }) => (variant ? `${figure}(${variant})` : figure))
    .join(', ');
  const [first = '', ...more] = wrap(`Surely worse by more than ${share(margin)}: ${which}`, width - 2, '  ');
  return [`${paint('red', '✗')} ${first}`, ...more];
}

const side = (head: 'before' | 'after'): Column<Change> => ({
  head,
  cell: (change) => shownOf(change[head], formats(change).value),
});

const shownOf = (estimate: Estimate | null, format: (value: number) => string): string =>
  estimate ? format(estimate.value) : none;

/** A probability is written as a share is. */
function formats({ figure }: Change): Record<'value' | 'difference', (value: number) => string> {
  if (figure === 'capacity') return { value: rate, difference: rate };
  const unit = figure === 'collapsed' ? 'share' : metrics[figure].unit;
  return { value: formatOf(unit), difference: formatOfDifference(unit) };
}

const tones: Record<NonNullable<Change['verdict']>, Colour> = {
  better: 'green',
  worse: 'red',
  'no difference': 'dim',
};

const columns: readonly Column<Change>[] = [
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
    tone: ({ verdict }) => (verdict ? tones[verdict] : 'dim'),
  },
];
