import { Command } from '@commander-js/extra-typings';
import { afterEach, beforeEach } from 'vitest';
import { addCompare } from '#lab/cli/compare.ts';
import { addConform } from '#lab/cli/conform.ts';
import { addExplain } from '#lab/cli/explain.ts';
import { addFault } from '#lab/cli/fault.ts';
import { addJudge } from '#lab/cli/judge.ts';
import { addList } from '#lab/cli/list.ts';
import { addPlay } from '#lab/cli/play.ts';
import { addRun } from '#lab/cli/run.ts';
import { addSearch } from '#lab/cli/search.ts';
import { addSimulate } from '#lab/cli/simulate.ts';
import { addSweep } from '#lab/cli/sweep.ts';
import { addTune } from '#lab/cli/tune.ts';
import { addValidate } from '#lab/cli/validate.ts';
import { testFolder } from './folder.ts';
import { runHere } from './run-here.ts';

/** Changes to a new folder for each test of a file. Returns a function that returns the folder. */
export function inFolder(): () => string {
  const home = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = testFolder();
    process.chdir(folder);
  });
  afterEach(() => process.chdir(home));
  return () => folder;
}

/** Runs a `spillway` command that needs no other process, in this process. */
export function spillwayHere(args: readonly string[]) {
  const program = new Command().exitOverride();
  const added = [
    ...[addCompare, addConform, addExplain, addFault, addJudge, addList, addPlay],
    ...[addRun, addSearch, addSimulate, addSweep, addTune, addValidate],
  ];
  for (const add of added) add(program as never);
  return runHere(async () => {
    await program.parseAsync([...args], { from: 'user' });
    const code = Number(process.exitCode);
    process.exitCode = undefined;
    return code;
  });
}
