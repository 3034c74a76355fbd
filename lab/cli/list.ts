import { readdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { refusalOf } from '#kit/system-errors.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { given } from './args.ts';

export function addList(program: Command): void {
  program
    .command('list')
    .description('list the course, the experiments in a folder, or stored runs')
    .argument('[folder]', 'where experiments or runs are (default: the course)', given)
    .action(async (asked) => {
      const { byReadingOrder, courseFolder } = await import('#lab/experiment/course.ts');
      const { ExperimentError, readEach } = await import('#lab/experiment/read.ts');
      const { runsIn } = await import('#lab/conduct/runs.ts');
      const { renderExperiments, renderRuns } = await import('#lab/show/terminal/experiments.ts');
      const folder = asked ?? courseFolder();
      const entries = await readdir(folder).catch((cause) => {
        const why = `${refusalOf(cause)}; expected a folder of experiments or runs`;
        throw new InputError(`cannot list ${folder}: ${why}`, { cause });
      });
      const isCourse = resolve(folder) === resolve(courseFolder());
      const names = entries
        // The load of `docker compose up` is in the folder of the course, but is no part of it.
        .filter((name) => (isCourse ? /^\d.*\.yaml$/ : /^[^.].*\.ya?ml$/).test(name))
        .sort(isCourse ? (a, b) => byReadingOrder(stemOf(a), stemOf(b)) : undefined);
      const read = names.map((name) => readEach([join(folder, name)]));
      const files = read.flatMap(({ files }) => files);
      const { stdout } = process;
      for (const line of renderExperiments(files, isCourse, stdout)) stdout.write(`${line}\n`);
      const [first] = files;
      if (first && stdout.isTTY)
        stdout.write(`Run one: ${commandLine(['run', isCourse ? first.name : first.file])}\n`);
      // One problem of each file, preferably a likely misspelling.
      const broken = read.flatMap(
        ({ problems }) => problems.find((each) => each.includes('did you mean')) ?? problems.slice(0, 1),
      );
      if (broken.length > 0) throw new ExperimentError(broken);
      if (files.length === 0) {
        const runs = runsIn(folder);
        const none = `No experiments in ${folder}: no file there ends in .yaml.\n`;
        stdout.write(runs.length > 0 ? renderRuns(runs) : none);
      }
      process.exitCode = exitCodes.held;
    });
}

const stemOf = (file: string): string => basename(file, extname(file));
