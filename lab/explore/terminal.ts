import { type Column, figureLines, goodputTone, groupedLines } from '#lab/report/terminal/figures.ts';
import { dimmed, type Paper, paint, printed, wrap } from '#lab/report/terminal/paper.ts';
import type { PointResult, Probability, SweepResult, Verified } from '#lab/result/sweep.ts';
import { duration, interval, none, number, plural, share } from '#lab/text/format.ts';
import { mapsOf } from './boundary.ts';
import { coverageOf, isPartial } from './coverage.ts';
import { describePoint } from './space.ts';

/** Maximal number of points in a table. */
const rowsMax = 40;

/** Formats the result of a sweep for a terminal. */
export function renderSweep(sweep: SweepResult, paper: Paper): string {
  const { experiment, points, status, paths, verified } = sweep;
  const over = paths.map(({ path }) => path).join(' × ');
  const amount = `${plural(points.length, 'point')} over ${over}, ${plural(sweep.seeds, 'seed')} each`;
  const coverage = coverageOf(sweep);
  const partly =
    status === 'interrupted' && coverage !== undefined
      ? wrap(`Interrupted: ${coverage} (marked *). The same command resumes.`, paper.width, '  ')
      : [];
  const grids = paths.length === 2 ? gridLines(sweep, paper) : [];
  return printed([
    [paint(paper, 'bold', experiment.title), ...wrap(`${amount}.`, paper.width, '  '), ...partly],
    ...(grids.length > 0 ? grids : [pointLines(sweep, paper)]),
    lawLines(sweep, paper),
    hypothesisLines(sweep, paper),
    problemLines(sweep, paper),
    verifiedLines(verified, sweep, paper),
  ]);
}

type Row = PointResult['variants'][number];

const percent = (of: Probability | null): string => (of ? share(of.value) : none);

/** Lists the figures of each variant at the first points. */
function pointLines(sweep: SweepResult, paper: Paper): string[] {
  const { points, variants, paths } = sweep;
  const shown = points.slice(0, rowsMax);
  const labelOf = (point: PointResult) =>
    (paths.length === 1 ? String(point.values[0]) : describePoint(paths, point.values)) +
    (isPartial(point, sweep) ? '*' : '');
  const groups = new Map(
    variants.map((name, index) => [
      name,
      shown.map((point) => ({ label: `  ${labelOf(point)}`, thing: point.variants[index]! })),
    ]),
  );
  const rows = [...groups.values()].flat().map(({ thing }) => thing);
  const metric = (head: string, name: string, format: (value: number) => string): Column<Row> => ({
    head,
    cell: ({ metrics }) => (metrics[name] ? format(metrics[name].value) : none),
  });
  const columns: Column<Row>[] = [
    {
      ...metric('goodput', 'goodput', share),
      tone: ({ metrics }) => goodputTone(metrics.goodput?.value ?? 0),
    },
    {
      head: '95 %',
      cell: ({ metrics: { goodput = null } }) =>
        goodput?.low == null || goodput.high === null
          ? none
          : interval({ low: Math.max(0, goodput.low), high: goodput.high }, share),
    },
    ...(rows.some(({ metastable }) => metastable)
      ? [{ head: 'metastable', cell: ({ metastable }: Row) => percent(metastable) }]
      : []),
    { head: 'collapsed', cell: ({ collapsed }) => percent(collapsed) },
    { ...metric('attempts', 'amplification', (value) => `${number(value)}/req`) },
    metric('p50', 'p50', duration),
    metric('p99', 'p99', duration),
  ];
  const more = points.length - shown.length;
  return [
    ...groupedLines(groups, columns, paper, 'see sweep.csv.'),
    ...(more > 0 ? dimmed(`${plural(more, 'more point')}: see sweep.csv.`, paper) : []),
  ];
}

/** Prints a grid for each probability that differs between points, or of the goodput if none does. */
function gridLines(sweep: SweepResult, paper: Paper): string[][] {
  const { variants, points, hypotheses } = sweep;
  const [rows, columns] = sweep.paths as [SweepResult['paths'][number], SweepResult['paths'][number]];
  const maps = mapsOf(sweep);
  const titled = [
    ...variants.map((name, index) => ({ title: `P(${name} is metastable) in %`, map: maps[index]! })),
    ...(hypotheses.length > 0 ? [{ title: 'P(all hypotheses hold) in %', map: maps.at(-1)! }] : []),
  ];
  const varying = titled.filter(({ map }) => new Set(map).size > 1);
  const goodput = variants.map((name, index) => ({
    title: `goodput(${name}) in %`,
    map: points.map((point) => point.variants[index]?.metrics.goodput?.value ?? null),
  }));
  const grids = varying.length > 0 ? varying : goodput;
  const cells = grids.map(({ title, map }) => {
    const of = (row: number, column: number) => map[row * columns.values.length + column] ?? null;
    return [
      ...wrap(`${title}: ${rows.path} down, ${columns.path} across`, paper.width, '  '),
      ...figureLines(
        rows.values.map((value, row) => ({ label: String(value), thing: row })),
        columns.values.map((value, column) => ({
          head: String(value),
          cell: (row: number) => {
            const found = of(row, column);
            const sign = isPartial(points[row * columns.values.length + column]!, sweep) ? '*' : '';
            return found === null ? none : String(Math.round(found * 100)) + sign;
          },
        })),
        paper,
        'see sweep.csv.',
        '',
      ),
    ];
  });
  const isWide = cells.flat().some((line) => line.length > paper.width + 20);
  return isWide ? [dimmed('The grid is too wide for this terminal: see sweep.html.', paper)] : cells;
}

/** Counts the points at which a law says what most seeds did. */
function lawLines({ points, variants }: SweepResult, paper: Paper): string[] {
  return variants.flatMap((name, index) => {
    const known = points.flatMap((point) => {
      const { law = null, metastable = null } = point.variants[index] ?? {};
      return law === null || metastable === null ? [] : [law > 1 === metastable.value >= 0.5];
    });
    if (known.length === 0) return [];
    const agreeing = known.filter((agrees) => agrees).length;
    return wrap(
      `The law of ${name} agrees at ${agreeing} of ${plural(known.length, 'point')}: metastable above its boundary, and not below.`,
      paper.width,
      '  ',
    );
  });
}

/** Lists where each hypothesis holds. */
function hypothesisLines({ hypotheses, points, paths }: SweepResult, paper: Paper): string[] {
  if (hypotheses.length === 0) return [];
  const lines = hypotheses.flatMap((text, index) => {
    const shares = points.flatMap((point) => point.hypotheses[index]?.value ?? []);
    if (shares.length === 0) return wrap(`${none} ${text}: not judged`, paper.width, '  ');
    const always = points.filter((point) => point.hypotheses[index]?.value === 1);
    if (always.length === points.length) return [];
    const where =
      paths.length === 1 && always.length > 0 ? ` (${always.map(({ values }) => values[0]).join(', ')})` : '';
    return wrap(
      `  ${text}: holds for all seeds at ${always.length} of ${plural(points.length, 'point')}${where}`,
      paper.width,
      '    ',
    );
  });
  const everywhere =
    hypotheses.length - lines.filter((line) => line.startsWith(none) || /^ {2}\S/.test(line)).length;
  return [
    'Hypotheses:',
    ...lines,
    ...(everywhere > 0 ? [`  ${plural(everywhere, 'hypothesis')} held at every point, for all seeds.`] : []),
  ];
}

function problemLines({ points, paths }: SweepResult, paper: Paper): string[] {
  const wrong = points.filter(({ problems }) => problems.length > 0);
  const [first] = wrong;
  if (!first) return [];
  const where = describePoint(paths, first.values);
  return wrap(
    `Simulations without a valid result at ${plural(wrong.length, 'point')}, as with ${where}: ${first.problems[0]}`,
    paper.width,
    '  ',
  );
}

function verifiedLines(verified: readonly Verified[], { paths }: SweepResult, paper: Paper): string[] {
  if (verified.length === 0) return [];
  return [
    'On sockets, nearest the boundary:',
    ...verified.flatMap(({ values, agrees, status, checks }) => {
      const apart = checks.filter((check) => check.agrees === false).map(({ what }) => what);
      const word = agrees === null ? status : agrees ? 'agrees' : `differs in ${apart.join('; ')}`;
      return wrap(`  ${describePoint(paths, values)}: ${word}`, paper.width, '    ');
    }),
  ];
}
