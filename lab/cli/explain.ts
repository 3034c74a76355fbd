import type { Command } from '@commander-js/extra-typings';
import type { Fact } from '#lab/experiment/limits/explain.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { plain } from '#lab/kit/text/format.ts';
import { alignedRows, paperOf } from '#lab/show/terminal/paper.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { experiment, json } from './options.ts';

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
    .action(async (path, { json }) => {
      const { explain } = await import('#lab/experiment/limits/explain.ts');
      const { readExperiment } = await import('#lab/experiment/read.ts');
      const { experiment } = readExperiment(path);
      const explained = explain(experiment);
      const text = json ? JSON.stringify(explained, undefined, 2) : textOf(experiment.title, explained);
      process.stdout.write(`${text}\n`);
      process.exitCode = exitCodes.held;
    });
}

/** Formats the facts of each variant, after those that all of them have. */
function textOf(title: string, explained: readonly { variant: string; facts: readonly Fact[] }[]): string {
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
  return plain([title, ...lines].join('\n'));
}
