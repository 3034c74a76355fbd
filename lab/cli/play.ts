import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from '@commander-js/extra-typings';
import { refusalOf } from '#kit/system-errors.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { given, positive } from './args.ts';

export function addPlay(program: Command): void {
  program
    .command('play')
    .description('write a page that plays two variants side by side, and open it')
    .argument('[file]', 'an experiment file, or the name of one of the course (default: 05)', given)
    .option('-o, --out <file>', 'file for the page', given, 'runs/play.html')
    .option(
      '--at <seconds>',
      'moment that the page shows; without it, it plays from the start',
      positive(86_400),
    )
    .option('--no-open', 'open no browser. Without a terminal, none is opened')
    .addHelpText(
      'after',
      `
The page is complete in one file, and needs no network. It simulates in the browser.

Examples:
  ${commandLine(['play', 'mine.yaml'])}
  ${commandLine(['play', '05', '--at', '14'])}`,
    )
    .action(async (file, { out, open, at }) => {
      const { playable, playedInCourse } = await import('#lab/play/presets.ts');
      const { renderPlayPage } = await import('#lab/play/page-file.ts');
      const course = playedInCourse();
      const own = file === undefined ? course[0]! : playable(file);
      const page = renderPlayPage([own, ...course.filter(({ id }) => id !== own.id)]);
      try {
        mkdirSync(dirname(out), { recursive: true });
        writeFileSync(out, page);
      } catch (cause) {
        throw new InputError(`cannot write ${out}: ${refusalOf(cause)}`, { cause });
      }
      const link = pathToFileURL(resolve(out)).href + (at === undefined ? '' : `#${own.id}&t=${at}`);
      process.stdout.write(`Wrote ${out}. Open it in a browser:\n  ${link}\n`);
      if (open && process.stdout.isTTY) openInBrowser(link);
      process.exitCode = exitCodes.held;
    });
}

function openInBrowser(link: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const browser = spawn(opener, [link], { detached: true, stdio: 'ignore' });
  browser.on('error', () => undefined); // the user has the link
  browser.unref();
}
