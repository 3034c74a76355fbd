import { type MetricName, metric, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import { formatOf, metricName } from '#lab/experiment/metrics/shown.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { count, inNumber, interval, none, plural, range, share } from '#lab/kit/text/format.ts';
import { type Column, goodputTone } from '#lab/show/columns.ts';
import { figureLines, groupedLines } from '#lab/show/terminal/figures.ts';
import { dimmed, type Paper, paint, printed, wrap } from '#lab/show/terminal/paper.ts';
import { type Grid, mapOf } from './boundary.ts';
import { findingOf, holdingText, shortNames, simulatedIn } from './finding.ts';
import type { SweepResult } from './result.ts';
import { describePoint } from './space.ts';

/** Maximal number of points in a table. */
const rowsMax = 40;

/** Says with how many seeds points were simulated. They may differ after an interrupt, and where nothing changes. */
export function seedsText({ status, points, seeds }: SweepResult): string {
  const all = `${plural(seeds, 'seed')} each`;
  const simulated = points.flatMap((point) => (point.inferred ? [] : point.seeds));
  if (status !== 'complete') return `interrupted after ${range(simulated, count)} of ${all}`;
  if (simulated.length === points.length && simulated.every((each) => each === seeds)) return all;
  const each = `${range(simulated, count)} ${inNumber(seeds, 'seed', 'seeds')} each`;
  return `${count(simulated.length)} simulated with ${each}`;
}

export function renderSweep(sweep: SweepResult, paper: Paper): string {
  const { experiment, points, paths } = sweep;
  const over = paths.map(({ path }) => path).join(' × ');
  const amount = `${plural(points.length, 'point')} over ${over}, ${seedsText(sweep)}`;
  return printed([
    [
      paint(paper, 'bold', experiment.title),
      ...wrap(findingOf(sweep).join(' '), paper.width, '  '),
      ...wrap(`${amount}.`, paper.width, '  '),
    ],
    ...(paths.length === 1 ? [pointLines(sweep, paper)] : gridLines(sweep, paper)),
    hypothesisLines(sweep, paper),
    problemLines(sweep, paper),
  ]);
}

interface Row {
  readonly name: string;
  /** Index of the point. */
  readonly index: number;
}

/** Lists the figures of each variant at the first points of one path. */
function pointLines(sweep: SweepResult, paper: Paper): string[] {
  const { points, variants } = sweep;
  const shown = points.slice(0, rowsMax);
  const groups = new Map(
    variants.map((name) => [
      name,
      shown.map((point, index) => ({ label: `  ${point.values[0]}`, thing: { name, index } })),
    ]),
  );
  const at = ({ name, index }: Row, metric: MetricName) =>
    figureAt(sweep.figures, { variant: name, metric, point: index });
  const rows = [...groups.values()].flat().map(({ thing }) => thing);
  const columns = metricNames.flatMap((name): Column<Row>[] => {
    const { column, unit, suffix = '', head = metricName(name) } = metric(name);
    const isShown = name === 'metastable' ? rows.some((row) => at(row, name)) : column === 'always';
    if (!isShown || unit === 'requests') return [];
    const format = unit === 'verdict' ? share : formatOf(unit);
    const value = (row: Row) => at(row, name)?.value ?? null;
    const cell = (row: Row) => (value(row) === null ? none : format(value(row)!) + suffix);
    if (name !== 'goodput') return [{ head, cell }];
    return [
      { head, cell, tone: (row) => goodputTone(value(row) ?? 0) },
      { head: '95 %', cell: (row) => interval(at(row, name) ?? {}, share) },
    ];
  });
  const more = points.length - shown.length;
  return [
    ...groupedLines(groups, columns, paper, 'see sweep.csv.'),
    ...(more > 0 ? dimmed(`${plural(more, 'more point')}: see sweep.csv.`, paper) : []),
  ];
}

/** Prints a grid for each probability that differs between points, or of the goodput if none does. */
function gridLines(sweep: SweepResult, paper: Paper): string[][] {
  const { variants, hypotheses, points } = sweep;
  const holds = points.map((point) => point.holds?.value ?? null);
  const titled = [
    ...variants.map((name) => ({
      title: `P(${name} is metastable) in %`,
      map: mapOf(sweep, name, 'metastable'),
    })),
    ...(hypotheses.length > 0 ? [{ title: 'P(all hypotheses hold) in %', map: holds }] : []),
  ];
  const varying = titled.filter(({ map }) => new Set(map).size > 1);
  const goodput = variants.map((name) => ({
    title: `goodput(${name}) in %`,
    map: mapOf(sweep, name, 'goodput'),
  }));
  const grids = varying.length > 0 ? varying : goodput;
  const fitting = ([true, false] as const)
    .map((isAsOnPage) => grids.map((map) => [map.title, ...gridOf(sweep, map, isAsOnPage, paper)]))
    .find((cells) => cells.flat().every((line) => line.length <= paper.width));
  return fitting ?? [dimmed('The grid is too wide for this terminal: see sweep.html.', paper)];
}

/** Prints a map over two paths: the first across and the second upward as on the page, or else the first down. */
function gridOf(
  sweep: SweepResult,
  { map }: { readonly map: Grid },
  isAsOnPage: boolean,
  paper: Paper,
): string[] {
  const [first, second] = sweep.paths as [SweepResult['paths'][number], SweepResult['paths'][number]];
  const [across, along] = isAsOnPage ? [first, second] : [second, first];
  const cellAt = (row: number, column: number) => {
    const [of, at] = isAsOnPage ? [column, row] : [row, column];
    const index = of * second.values.length + at;
    const found = map[index] ?? null;
    return found === null ? none : String(Math.round(found * 100));
  };
  const rows = along.values.map((value, row) => ({ label: String(value), thing: row }));
  const names = shortNames([across, along]);
  return [
    `${names[1]} ${isAsOnPage ? 'upward' : 'down'}, ${names[0]} across:`,
    ...figureLines(
      isAsOnPage ? rows.toReversed() : rows,
      across.values.map((value, column) => ({ head: String(value), cell: (row) => cellAt(row, column) })),
      { ...paper, width: Number.POSITIVE_INFINITY },
      'see sweep.csv.',
      '',
    ),
  ];
}

function hypothesisLines(sweep: SweepResult, paper: Paper): string[] {
  const { hypotheses, paths } = sweep;
  const points = simulatedIn(sweep);
  if (hypotheses.length === 0 || points.length === 0) return [];
  const open = hypotheses.flatMap((text, index) => {
    const holds = points.map((point) => point.hypotheses[index]?.value ?? null);
    if (holds.every((value) => value === 1)) return [];
    if (holds.every((value) => value === null)) return `${none} ${text}: not judged`;
    const always = paths.length === 1 ? points.filter((_, at) => holds[at] === 1) : [];
    const where = always.map(({ values }) => values[0]);
    return `  ${text}: holds ${holdingText(holds, where)}`;
  });
  const everywhere = hypotheses.length - open.length;
  return [
    'Hypotheses:',
    ...open.flatMap((line) => wrap(line, paper.width, '    ')),
    ...(everywhere > 0
      ? [`  ${plural(everywhere, 'hypothesis')} held at every simulated point, with every seed.`]
      : []),
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
