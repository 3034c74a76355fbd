import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { plain } from '#lab/experiment/text/format.ts';
import { exit, experiment, json } from './options.ts';

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('say what follows from the options of an experiment, before any load')
    .addArgument(experiment())
    .addOption(json())
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
  const lines = explained.flatMap(({ variant, facts }) => [
    '',
    variant,
    ...facts.map(({ about, text }) => `  ${about.padEnd(12)}  ${text}`),
  ]);
  process.stdout.write(plain(`${[experiment.title, ...lines].join('\n')}\n`));
  return exitCodes.held;
}
