import { levelOf } from '#lab/experiment/course.ts';
import { leastMsOfRound } from '#lab/experiment/least-time.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { number, plain } from '#lab/experiment/text/format.ts';
import { dimmed, hanging, type Paper, paint, paperOf, wrap } from './paper.ts';

type Output = Parameters<typeof paperOf>[0];

/** Row of the table: the cells of an experiment. Only experiments of the course have a level. */
interface Row {
  /** Name, as `run` accepts it. */
  readonly name: string;
  readonly minutes: string;
  readonly level: string;
  readonly title: string;
}

const rowOf = ({ name, file, experiment }: ExperimentFile, isCourse: boolean): Row => ({
  name: isCourse ? name : file,
  minutes: number(minutesOf(experiment)),
  level: isCourse ? levelOf(name) : '',
  title: experiment.title,
});

/** Returns the shortest length of a run in minutes, rounded up to half a minute. `auto` counts as full speed. */
function minutesOf(experiment: Experiment): number {
  const { repeat, slowMotion } = experiment;
  const factor = slowMotion === 'auto' ? 1 : slowMotion;
  return Math.ceil((repeat * factor * leastMsOfRound(experiment)) / 30_000) / 2;
}

/** Returns the heads of the columns. If no experiment has a level, the head of that column is empty. */
const headsOf = (rows: readonly Row[]): Row => ({
  ...{ name: 'experiment', minutes: 'minutes', title: 'question' },
  level: rows.some(({ level }) => level !== '') ? 'level' : '',
});

const note =
  'Minutes at full speed and without the start of the testbed. Slow motion multiplies them by its factor.';

/** Formats a table of experiments. A terminal gets wrapped questions and a note. Other outputs get one line per experiment. */
export function renderExperiments(
  files: readonly ExperimentFile[],
  isCourse: boolean,
  output: Output,
): string[] {
  const rows = files.map((file) => rowOf(file, isCourse));
  if (rows.length === 0) return [];
  const paper = paperOf(output);
  if (!output.isTTY) return lines(rows, paper);
  return [...lines(rows, paper), '', ...dimmed(note, paper)].map(plain);
}

/** Minimum width of the column of questions. If there is less room, a question goes below the other cells of its row. */
const titleMin = 16;
const gap = 2;

function lines(entries: readonly Row[], paper: Paper): string[] {
  const { width } = paper;
  const heads = headsOf(entries);
  const rows = [heads, ...entries];
  const widthOf = (cell: keyof Row) => Math.max(...rows.map((row) => row[cell].length));
  const [nameWidth, minutesWidth, levelWidth] = [widthOf('name'), widthOf('minutes'), widthOf('level')];
  return rows.flatMap((row) => {
    const cells = [row.name.padEnd(nameWidth), row.minutes.padStart(minutesWidth)];
    if (levelWidth > 0) cells.push(row.level.padEnd(levelWidth));
    const before = cells.join(' '.repeat(gap));
    const indent = before.length + gap;
    const rowLines =
      width - indent < titleMin
        ? [before.trimEnd(), ...wrap(row.title, width - gap, '').map((line) => ' '.repeat(gap) + line)]
        : hanging(before + ' '.repeat(gap), indent, wrap(row.title, width - indent, ''));
    return row === heads ? rowLines.map((line) => paint(paper, 'dim', line)) : rowLines;
  });
}

/** Formats stored runs, one a line. */
export function renderRuns(runs: readonly Record<'folder' | 'kind' | 'status', string>[]): string {
  const rows = [{ folder: 'run', kind: 'kind', status: 'status' }, ...runs];
  const widthOf = (cell: 'folder' | 'kind') => Math.max(...rows.map((row) => row[cell].length)) + gap;
  const [folderWidth, kindWidth] = [widthOf('folder'), widthOf('kind')];
  return rows
    .map((row) => plain(`${row.folder.padEnd(folderWidth)}${row.kind.padEnd(kindWidth)}${row.status}\n`))
    .join('');
}
