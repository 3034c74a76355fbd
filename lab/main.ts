import { program } from '@commander-js/extra-typings';
import { version } from '#kit/process/installation.ts';
import { withoutPasswords } from '#kit/urls.ts';
import { addAdvise } from './cli/advise.ts';
import { argErrors, collectArgErrors } from './cli/args.ts';
import { addCompare } from './cli/compare.ts';
import { addConform } from './cli/conform.ts';
import { addDlq } from './cli/dlq.ts';
import { addExplain } from './cli/explain.ts';
import { addFault } from './cli/fault.ts';
import { addInit } from './cli/init.ts';
import { exitOnSignals, watchOutput } from './cli/interrupt.ts';
import { addJudge } from './cli/judge.ts';
import { addList } from './cli/list.ts';
import { lineTo } from './cli/live.ts';
import { addPlay } from './cli/play.ts';
import { addDemo, addRun } from './cli/run.ts';
import { addSearch } from './cli/search.ts';
import { addSimulate } from './cli/simulate.ts';
import { addSweep } from './cli/sweep.ts';
import { addTune } from './cli/tune.ts';
import { addDown, addUp } from './cli/up.ts';
import { addValidate } from './cli/validate.ts';
import { exitCodes, meanings } from './kit/errors/exit-codes.ts';
import { InputError } from './kit/errors/input-error.ts';
import { TestbedError } from './kit/errors/testbed-error.ts';
import { printable } from './kit/text/printable.ts';
import { wrap } from './show/terminal/paper.ts';
import { commandLine } from './world/process/command-line.ts';

const widthMax = 100;
const widthOf = ({ columns }: NodeJS.WriteStream): number => Math.min(columns || widthMax, widthMax);

function shown(text: string): string {
  const lines = printable(withoutPasswords(text)).split('\n');
  const { stderr } = process;
  return lines.flatMap((line) => (stderr.isTTY ? wrap(line, widthOf(stderr), '  ') : line)).join('\n');
}

/** Breaks the paragraphs of a help text into lines. Indented lines, such as commands to copy, stay as they are. */
const flowed = (text: string): string =>
  text.replaceAll(/^\S.*(?:\n\S.*)*/gm, (paragraph) =>
    wrap(paragraph.replaceAll('\n', ' '), widthOf(process.stdout), '').join('\n'),
  );

watchOutput();

program
  // Called before the commands are added, since each command copies this configuration when it is added.
  .configureOutput({
    getOutHelpWidth: () => widthOf(process.stdout),
    writeOut: (text) => process.stdout.write(flowed(text)),
    outputError: (text, write) => write(shown([...argErrors.splice(0), text].join('\n'))),
  })
  .configureHelp({ subcommandTerm: (each) => each.name(), visibleCommands: ({ commands }) => [...commands] })
  .name(commandLine())
  .description('Shows, measures and proves what happens to systems when a dependency slows down.')
  .version(version)
  .addHelpText(
    'after',
    `
Exit codes:
${Object.values(exitCodes)
  .map((code) => `  ${String(code).padEnd(5)}${meanings[code]}`)
  .join('\n')}
  compare --margin also ends with 99 if a figure got worse.

Examples:
  ${commandLine(['simulate', '05'])}
  ${commandLine(['run', '--slow-motion', 'auto', '01-burst'])}
  ${commandLine(['init', 'mine'])}
  ${commandLine(['compare', 'runs/01-burst/A', 'runs/01-burst/B'])}`,
  )
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : exitCodes.badInput);
  })
  .hook('preAction', async (_, command) => {
    if (['run', 'demo', 'simulate'].includes(command.name())) exitOnSignals();
    if (argErrors.length === 0) return;
    const { readEach } = await import('./experiment/read.ts');
    const { problems } = readEach(
      ['run', 'simulate', 'sweep', 'tune', 'search', 'play'].includes(command.name())
        ? command.args.filter(Boolean)
        : [],
    );
    command.error([...argErrors.splice(0), ...problems].join('\n'));
  });

const groups = {
  Run: [addDemo, addRun, addSimulate],
  Explore: [addExplain, addPlay, addSweep, addTune, addSearch, addAdvise, addConform],
  Results: [addJudge, addCompare],
  Files: [addList, addInit, addValidate],
  Testbed: [addUp, addDown, addFault, addDlq],
};
for (const [name, adders] of Object.entries(groups)) {
  program.commandsGroup(`${name}:`);
  for (const add of adders) add(program);
}

collectArgErrors(program);

try {
  await program.parseAsync();
} catch (error) {
  const isInput = error instanceof InputError;
  const isNamed = isInput || error instanceof TestbedError;
  const text = isNamed ? (error as Error).message : ((error as Error).stack ?? String(error));
  lineTo(process.stderr)(shown(text));
  process.exitCode = isInput ? exitCodes.badInput : exitCodes.internal;
}
// Without work, Node would remove the handlers of signals before it ends, and another Ctrl-C would change the exit code.
if (process.exitCode === exitCodes.interrupted) process.exit();
