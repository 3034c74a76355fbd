import { readdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { refusalOf } from '#kit/system-errors.ts';
import { runsIn } from '#lab/conduct/runs.ts';
import { byReadingOrder, courseFolder, levelOf } from '#lab/experiment/course.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { leastMsOfRound } from '#lab/experiment/least-time.ts';
import { ExperimentError, type ExperimentFile, readEach } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { number, plain, plural } from '#lab/experiment/text/format.ts';
import { dimmed, hanging, type Paper, paint, paperOf, wrap } from '#lab/show/terminal/paper.ts';
import { commandLine } from '#lab/world/process/command-line.ts';

/**
 * Lists the experiments in a folder, or the runs if it has none; by default, the experiments of the course. Returns the
 * exit code.
 */
export async function listCommand(folder = courseFolder()): Promise<number> {
  const entries = await readdir(folder).catch((cause) => {
    throw new InputError(`cannot list ${folder}: ${refusalOf(cause)}; expected a folder of experiments`, {
      cause,
    });
  });
  const isCourse = resolve(folder) === resolve(courseFolder());
  const names = entries
    // The load of `docker compose up` is in the folder of the course, but is no part of it.
    .filter((name) => (isCourse ? /^\d.*\.yaml$/ : /^[^.].*\.ya?ml$/).test(name))
    .sort(isCourse ? (a, b) => byReadingOrder(stemOf(a), stemOf(b)) : undefined);
  const read = names.map((name) => readEach([join(folder, name)]));
  const files = read.flatMap(({ files }) => files);
  for (const line of listed(files.map((file) => rowOf(file, isCourse)))) process.stdout.write(`${line}\n`);
  const broken = read.flatMap(({ problems }, index) =>
    problems.length > 0 ? briefly(join(folder, names[index]!), problems) : [],
  );
  if (broken.length > 0) throw new ExperimentError(broken);
  if (files.length === 0) process.stdout.write(runsListed(folder));
  return exitCodes.held;
}

/** Formats the runs in a folder without experiments, one a line. */
function runsListed(folder: string): string {
  const runs = runsIn(folder);
  if (runs.length === 0) return `No experiments in ${folder}: no file there ends in .yaml.\n`;
  const rows = [{ folder: 'run', kind: 'kind', status: 'status' }, ...runs];
  const widthOf = (cell: 'folder' | 'kind') => Math.max(...rows.map((row) => row[cell].length)) + gap;
  const [folderWidth, kindWidth] = [widthOf('folder'), widthOf('kind')];
  return rows
    .map((row) => plain(`${row.folder.padEnd(folderWidth)}${row.kind.padEnd(kindWidth)}${row.status}\n`))
    .join('');
}

const stemOf = (file: string): string => basename(file, extname(file));

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

/** Formats a table. A terminal gets wrapped questions and a note. Other outputs get one line per experiment. */
function listed(rows: readonly Row[]): string[] {
  const { isTTY } = process.stdout;
  if (rows.length === 0) return [];
  if (!isTTY) return lines(rows, { colour: false, width: Number.POSITIVE_INFINITY });
  const paper = paperOf(process.stdout);
  const run = `Run one: ${commandLine(['run', rows[0]!.name])}`;
  return [...lines(rows, paper), '', ...dimmed(note, paper), run].map(plain);
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

/** Returns one problem of a file, preferably a likely misspelling. If there are others, says how to see them. */
function briefly(file: string, problems: readonly string[]): string {
  const one = problems.find((problem) => problem.includes('did you mean')) ?? problems[0]!;
  if (problems.length === 1) return one;
  return `${one}\n${file}: ${plural(problems.length - 1, 'more problem')}, see spillway validate ${file}`;
}
