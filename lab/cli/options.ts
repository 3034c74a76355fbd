import { Argument, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { seedMax } from '#kit/schema/schema.ts';
import { repeatMax } from '#lab/experiment/rules.ts';
import type { LineOf } from '#lab/explore/exploration.ts';
import { commandLine, type Flags, flagsOf } from '#lab/world/process/command-line.ts';
import { eachGiven, given, labelOf, namesOf, whole } from './args.ts';

// Options and arguments that several commands have. Each command gets its own copy, since it changes how they parse.

export const experiment = () =>
  new Argument('<file>', 'an experiment file, or the name of one of the course').argParser(given);

export const experiments = () =>
  new Argument('<file...>', 'experiment files, or names of the course, as in 01-burst or 01').argParser(
    eachGiven,
  );

export const out = () =>
  new Option('-o, --out <folder>', 'folder for the results of runs').argParser(given).default('runs');

export const label = () =>
  new Option('--label <text>', 'name of the run, for lists and reports; at most 80 characters').argParser(
    labelOf,
  );

export const seed = (description: string) =>
  new Option('-s, --seed <number>', description).argParser(whole(0, seedMax));

export const repeat = () =>
  new Option(
    '-r, --repeat <rounds>',
    "number of rounds, instead of the file's; each uses the next seed",
  ).argParser(whole(1, repeatMax));

export const only = (description: string) => new Option('--only <variants>', description).argParser(namesOf);

export const write = (ending: string) =>
  new Option(
    '-w, --write <file>',
    `the changed file (default: NAME-${ending}.yaml in the current folder)`,
  ).argParser(given);

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

/** Options that change only what is printed, and where something is written. */
const aside: readonly string[] = ['out', 'label', 'into', 'json', 'quiet', 'verbose', 'no-predict', 'write'];

/**
 * Returns a function that returns the line that repeats a command on a file. The line has the options as they were given,
 * the numbers that options have by default, and `changes`. Call it before the command line is parsed.
 */
export function repeater(command: CommandUnknownOpts, name = command.name()): LineOf {
  const flags: Record<string, Flags[string]> = {};
  for (const option of command.options) {
    const own = option.name();
    if (aside.includes(own)) continue;
    if (typeof option.defaultValue === 'number') flags[own] = option.defaultValue;
    let texts: readonly string[] = [];
    command.on(`option:${own}`, (text: string | null) => {
      texts = [...texts, text ?? ''];
      flags[own] = text === null || texts;
    });
  }
  return (file, changes) => commandLine([name, file, ...flagsOf({ ...changes, ...flags, ...changes })]);
}

export const aboutPaths = `Paths: names and indices, as in load[1].arrivals.ratePerSecond or deadlineMs. An index may be left out where one entry
has the field, as in variants.budget.policies.retry.maxRetries.
`;
