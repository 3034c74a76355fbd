import type { Command } from '@commander-js/extra-typings';
import { given } from '#lab/cli/args.ts';
import { exit, experiments } from '#lab/cli/options.ts';

export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('check experiment files without running them; warn about policies that can never act')
    .addArgument(experiments())
    .action(async (files) => exit((await import('#lab/cli/validate.ts')).validateCommand(files)));
}

export function addList(program: Command): void {
  program
    .command('list')
    .description('list experiments (name, least minutes, level, question) or stored runs (kind, status)')
    .argument('[folder]', 'where experiments or runs are (default: the course)', given)
    .action(async (folder) => exit((await import('#lab/cli/list.ts')).listCommand(folder)));
}

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write a small experiment with comments into the current folder, to change and run')
    .argument('<name>', 'name of the experiment, as in mine for mine.yaml', given)
    .action(async (name) => exit((await import('#lab/cli/init.ts')).initCommand(name)));
}
