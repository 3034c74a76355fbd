import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { assetFile } from '#kit/process/installation.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { given } from './args.ts';
import { exit } from './options.ts';

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write a small experiment with comments, to change and run')
    .argument('<name>', 'name of the experiment, as in mine for mine.yaml', given)
    .action((name) => exit(initCommand(name)));
}

const template = assetFile('lab/cli/template.yaml');

/**
 * Writes a small experiment to a file in a folder. Returns the exit code. Throws InputError, e.g. if the file exists.
 */
export async function initCommand(asked: string, folder = ''): Promise<number> {
  const { isName, nameExpected } = await import('#kit/schema/schema.ts');
  const { withSchemaFrom } = await import('#lab/experiment/file/modeline.ts');
  const name = basename(asked) === asked ? basename(asked, '.yaml') : asked;
  if (!isName(name)) throw new InputError(`cannot create ${asked}: ${nameExpected}`);
  const file = join(folder, `${name}.yaml`);
  const text = withSchemaFrom(readFileSync(template, 'utf8'), dirname(template), folder);
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
  process.stdout.write(
    `Wrote ${file}: two variants, a fault and three hypotheses. Next:\n${lines.join('\n')}\n`,
  );
  return exitCodes.held;
}
