import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { assetFile } from '#kit/process/installation.ts';
import { refusalOf } from '#kit/system-errors.ts';
import type { OwnNumbers } from '#lab/explore/own-numbers.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { plain } from '#lab/kit/text/format.ts';
import { paperOf, wrap } from '#lab/show/terminal/paper.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { given } from './args.ts';
import { exitInterrupted } from './interrupt.ts';
import { clear, redraw } from './live.ts';
import { exit } from './options.ts';
import { answerLines, askMissing, numbersIn } from './own-numbers.ts';

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write a small experiment with comments, to change and run')
    .argument('<name>', 'name of the experiment, as in mine for mine.yaml', given)
    .option(
      '--from [numbers]',
      'begin with numbers of your own dependency, as in p50=40,p99=200,concurrent=120,rate=600,retries=3,timeout=250; asks for those that are missing',
      numbersIn,
    )
    .action((name, { from }) => exit(initCommand(name, '', from === true ? {} : from)));
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
    ...(own ? [] : [['validate', file]]),
    ['simulate', file],
    ['run', '--slow-motion', 'auto', file],
  ];
  const { stdout } = process;
  const wrote = `Wrote ${file}: ${own?.what ?? 'two variants, a fault and three hypotheses.'}`;
  stdout.write(wrap(wrote, paperOf(stdout).width, '  ').join('\n'));
  if (own) await tellAnswers(own.numbers, file);
  stdout.write(`${own ? '\n' : ' '}Next:\n${next.map((args) => `  ${commandLine(args)}\n`).join('')}`);
  return exitCodes.held;
}

async function ownTextOf(from: Partial<OwnNumbers>) {
  const { contradictionIn, ownExperiment, whatIsOffered } = await import('#lab/explore/own-numbers.ts');
  const numbers = await askMissing(from);
  const contradiction = contradictionIn(numbers);
  if (contradiction !== undefined) throw new InputError(`--from: ${contradiction}`);
  const modeline = readFileSync(template, 'utf8').split('\n', 1)[0]!;
  return { numbers, what: whatIsOffered(numbers), text: `${modeline}\n${ownExperiment(numbers)}` };
}

/** Simulates what a dependency may do with further calls, since the answer depends on it. */
async function tellAnswers(numbers: OwnNumbers, file: string): Promise<void> {
  process.on('SIGINT', () => exitInterrupted(`${file} was written, its answers were not simulated.`));
  const { answersOf } = await import('#lab/explore/own-numbers.ts');
  const { stdout, stderr } = process;
  if (!stderr.isTTY) stderr.write('Simulating, which takes some seconds.\n');
  stdout.write(
    `\n\nSimulated: completed in time in the spike, if at call number ${numbers.concurrent + 1} the dependency…\n`,
  );
  const answers = await answersOf(numbers, (done, of) => {
    if (stderr.isTTY) redraw(stderr, [`simulated ${done} of ${of}`]);
  });
  clear(stderr);
  stdout.write(plain(`${answerLines(answers, paperOf(stdout).width).join('\n')}\n`));
}
