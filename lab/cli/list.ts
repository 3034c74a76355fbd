import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { refusalOf } from '#kit/process/fs-errors.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { ExperimentError, readEach } from '#lab/experiment/read.ts';
import { wrap } from '#lab/report/terminal/paper.ts';
import { plural } from '#lab/text/format.ts';

/** Lists the experiments in a folder, by default Spillway's own, with their titles. Returns the exit code. */
export async function listCommand(folder = ownFolder()): Promise<number> {
  const entries = await readdir(folder).catch((cause) => {
    throw new InputError(`cannot list ${folder}: ${refusalOf(cause)}; expected a folder of experiments`, {
      cause,
    });
  });
  const names = entries.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  const read = names.map((name) => readEach([join(folder, name)]));
  const files = read.flatMap(({ files }) => files);
  const width = Math.max(0, ...files.map(({ file }) => file.length));
  for (const { file, experiment } of files)
    process.stdout.write(`${shown(`${file.padEnd(width)}  ${experiment.title}`)}\n`);
  const broken = read.flatMap(({ problems }, index) =>
    problems.length > 0 ? briefly(join(folder, names[index]!), problems) : [],
  );
  if (broken.length > 0) throw new ExperimentError(broken);
  if (files.length === 0) process.stdout.write(`No experiments in ${folder}: no file there ends in .yaml.\n`);
  return exitCodes.held;
}

/** Returns one problem of a file, preferably a likely misspelling, and how to see the others. */
function briefly(file: string, problems: readonly string[]): string {
  const one = problems.find((problem) => problem.includes('did you mean')) ?? problems[0]!;
  if (problems.length === 1) return one;
  return `${one}\n${file}: ${plural(problems.length - 1, 'more problem')}, see spillway validate ${file}`;
}

/** Wraps a line on a terminal. */
function shown(line: string): string {
  const { isTTY, columns } = process.stdout;
  return isTTY ? wrap(line, columns || 80, '    ').join('\n') : line;
}

/** Returns the path of Spillway's experiments, relative if that is shorter. */
function ownFolder(): string {
  const folder = fileURLToPath(new URL('../../experiments', import.meta.url));
  const path = relative('', folder) || '.';
  return path.length < folder.length ? path : folder;
}
