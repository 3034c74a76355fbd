import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Command, Option } from '@commander-js/extra-typings';
import { assetFile } from '#kit/process/installation.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import type { OwnNumbers } from '#lab/explore/own-numbers.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { given } from './args.ts';
import { exit } from './options.ts';
import { answerLines, askMissing, numbersIn } from './own-numbers.ts';

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write a small experiment with comments, to change and run')
    .argument('<name>', 'name of the experiment, as in mine for mine.yaml', given)
    .addOption(
      new Option(
        '--from <numbers>',
        'begin with numbers of your own dependency, as in p50=40,p99=200,concurrent=120,rate=600,retries=3,timeout=250; asks for those that are missing',
      ).argParser(numbersIn),
    )
    .action((name, { from }) => exit(initCommand(name, '', from)));
}

const template = assetFile('lab/cli/template.yaml');

/**
 * Writes a small experiment to a file in a folder, or one with a user's own numbers. Returns the exit code. Throws
 * InputError, e.g. if the file exists.
 */
export async function initCommand(asked: string, folder = '', from?: Partial<OwnNumbers>): Promise<number> {
  const { isName, nameExpected } = await import('#kit/schema/schema.ts');
  const { withSchemaFrom } = await import('#lab/experiment/file/modeline.ts');
  const name = basename(asked) === asked ? basename(asked, '.yaml') : asked;
  if (!isName(name)) throw new InputError(`cannot create ${asked}: ${nameExpected}`);
  const file = join(folder, `${name}.yaml`);
  const own = from && (await ownTextOf(from));
  const text = withSchemaFrom(own?.text ?? readFileSync(template, 'utf8'), dirname(template), folder);
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
      throw new InputError(`${file} exists already, and init replaces no file: give another name`, { cause });
    throw new InputError(`cannot write ${file}: ${refusalOf(cause)}`, { cause });
  }
  const next = [
    ['validate', file],
    ['simulate', file],
    ['run', '--slow-motion', 'auto', file],
  ];
  const lines = next.map((args) => `  ${commandLine(args)}`);
  const what = own
    ? 'your numbers, with a dependency that queues'
    : 'two variants, a fault and three hypotheses';
  process.stdout.write(`Wrote ${file}: ${what}. Next:\n${lines.join('\n')}\n`);
  if (own) await tellAnswers(own.numbers);
  return exitCodes.held;
}

async function ownTextOf(from: Partial<OwnNumbers>) {
  const { contradictions, ownExperiment } = await import('#lab/explore/own-numbers.ts');
  const numbers = await askMissing(from);
  const problems = contradictions(numbers);
  if (problems.length > 0) throw new InputError(`--from: ${problems.join('; ')}`);
  const modeline = readFileSync(template, 'utf8').split('\n', 1)[0]!;
  return { numbers, text: `${modeline}\n${ownExperiment(numbers)}` };
}

/** Simulates what a dependency may do with further calls, since the answer depends on it. */
async function tellAnswers(numbers: OwnNumbers): Promise<void> {
  const { answersOf } = await import('#lab/explore/own-numbers.ts');
  process.stdout.write('\nIn time, in the spike and after it, if the dependency…\n');
  const answers = await answersOf(numbers);
  process.stdout.write(`${answerLines(answers).join('\n')}\n`);
}
