import { Argument, Option } from '@commander-js/extra-typings';
import { seedMax } from '#kit/schema/schema.ts';
import { eachGiven, given, namesOf, whole } from '#lab/cli/args.ts';
import { repeatMax } from '#lab/experiment/rules.ts';

// Options and arguments that several commands have. Each command gets its own copy, since it changes how they parse.

export const experiment = () =>
  new Argument('<file>', 'an experiment file, or the name of one of the course').argParser(given);

export const experiments = () =>
  new Argument('<file...>', 'experiment files, or names of the course, as in 01-burst or 01').argParser(
    eachGiven,
  );

export const out = () =>
  new Option('-o, --out <folder>', 'folder for the results of runs').argParser(given).default('runs');

export const seed = (description: string) =>
  new Option('-s, --seed <number>', description).argParser(whole(0, seedMax));

export const repeat = () =>
  new Option(
    '-r, --repeat <rounds>',
    "number of rounds, instead of the file's; each uses the next seed",
  ).argParser(whole(1, repeatMax));

export const only = (description: string) => new Option('--only <variants>', description).argParser(namesOf);

export const json = () => new Option('--json', 'print the result as JSON and nothing else');

export const quiet = () =>
  new Option(
    '-q, --quiet',
    'print the verdict, failed hypotheses and the path of the report, and nothing else',
  ).conflicts('verbose');

/** Makes the exit code of a command that of the process. */
export async function exit(code: Promise<number>): Promise<void> {
  process.exitCode = await code;
}
