import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import type { Fact } from '#lab/experiment/limits/explain.ts';
import { plain } from '#lab/experiment/text/format.ts';
import { alignedRows, paperOf } from '#lab/show/terminal/paper.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { exit, experiment, json } from './options.ts';

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('say what follows from the options of an experiment, before any load')
    .addArgument(experiment())
    .addOption(json())
    .addHelpText(
      'after',
      `
Each line has a number that follows from the options and the model alone. Faults are left out.

Example:
  ${commandLine(['explain', '05'])}`,
    )
    .action((file, options) => exit(explainCommand(file, options)));
}

async function explainCommand(path: string, options: { json?: true | undefined }): Promise<number> {
  const { explain } = await import('#lab/experiment/limits/explain.ts');
  const { readExperiment } = await import('#lab/experiment/read.ts');
  const { experiment } = readExperiment(path);
  const explained = explain(experiment);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(explained, undefined, 2)}\n`);
    return exitCodes.held;
  }
  const { width } = paperOf(process.stdout);
  const texts = explained.map(({ facts }) => facts.map(({ text }) => text));
  const isCommon = ({ text }: Fact) => texts.length > 1 && texts.every((each) => each.includes(text));
  const lines = [
    { variant: 'All variants', facts: explained[0]!.facts.filter(isCommon) },
    ...explained.map(({ variant, facts }) => ({ variant, facts: facts.filter((fact) => !isCommon(fact)) })),
  ]
    .filter(({ facts }) => facts.length > 0)
    .flatMap(({ variant, facts }) => [
      ...['', variant],
      ...alignedRows(
        facts.map(({ about, text }) => [`  ${about}`, text]),
        width,
      ).flat(),
    ]);
  process.stdout.write(plain(`${[experiment.title, ...lines].join('\n')}\n`));
  return exitCodes.held;
}
