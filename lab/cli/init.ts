import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { assetFile } from '#kit/process/installation.ts';
import { isName, nameExpected } from '#kit/schema/schema.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { withSchemaFrom } from '#lab/experiment/file/modeline.ts';
import { commandLine } from '#lab/world/process/command-line.ts';

const template = assetFile('lab/cli/template.yaml');

/**
 * Writes a small experiment to a file in a folder. Returns the exit code. Throws InputError, e.g. if the file exists.
 */
export async function initCommand(given: string, folder = ''): Promise<number> {
  const name = basename(given) === given ? basename(given, '.yaml') : given;
  if (!isName(name)) throw new InputError(`cannot create ${given}: ${nameExpected}`);
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
