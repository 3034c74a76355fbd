import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { refusalOf } from '#kit/system-errors.ts';
import type { Conformity, FactResult } from '#lab/conform/examine.ts';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { plain } from '#lab/kit/text/format.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { given } from './args.ts';
import { interruptible } from './interrupt.ts';
import { clear, lineTo } from './live.ts';
import { json } from './options.ts';
import { stepsTo } from './steps.ts';

export function addConform(program: Command): void {
  program
    .command('conform')
    .description('find out what a client does when its dependency fails')
    .argument('<client>', 'a module such as ./client.ts', given)
    .addOption(json())
    .option('-v, --verbose', 'print the sequences of calls of all facts')
    .option('--html <file>', 'write a page with the sequences of calls', given)
    .option('--baseline <file>', 'end with 99 if a fact differs from this file, written by --json', given)
    .addHelpText(
      'after',
      `
The module exports a function as default. It gets { url, send } and returns an async function that is called with each request, { id, body, signal, timeLeftMs }. send(signal) makes one attempt, and rejects with an error that has a status.
A client that uses send runs in virtual time. One with HTTP of its own runs against url, in up to a minute; its requests have the id in their address, in x-request-id or in the body.
No policy is required: what the client doesn't have is "none".

Examples:
  ${commandLine(['conform', './client.ts'])}
  ${commandLine(['conform', './client.ts', '--baseline', 'facts.json'])}`,
    )
    .action(async (client, { json, html, baseline, verbose }) => {
      if (!existsSync(client)) throw new InputError(`no such file: ${client}`);
      if (!/\.[cm]?[jt]s$/.test(client))
        throw new InputError(`${client}: expected a file in JavaScript or TypeScript, such as ./client.ts`);
      const { examine } = await import('#lab/conform/examine.ts');
      const { changesSince, changesText, renderConformity } = await import('#lab/conform/terminal.ts');
      const { paperOf } = await import('#lab/show/terminal/paper.ts');
      const before = baseline === undefined ? undefined : readFacts(baseline);
      if (html !== undefined && !existsSync(html)) await writeWhole(html, ''); // before the examination, which takes up to a minute
      const { stdout, stderr } = process;
      const show = stepsTo(stderr);
      await interruptible(async (signal) => {
        const onProgress = (done: number, of: number) =>
          signal.aborted || show({ done, of, leftMs: undefined }, `${done} of ${of} scenarios`);
        const conformity = await examine(client, { signal, onProgress });
        clear(stderr);
        const text = renderConformity(conformity, paperOf(stdout), verbose === true);
        stdout.write(`${json ? JSON.stringify(conformity, undefined, 2) : text}\n`);
        if (html !== undefined) {
          await writePage(html, { ...conformity, client: basename(client) }, text);
          if (!json) stdout.write(`\nWrote ${html}\n`);
        }
        if (!before) return exitCodes.held;
        const changes = changesSince(before, conformity);
        lineTo(json ? stderr : stdout)(plain(`\n${changesText(changes, baseline!)}`));
        return changes.length > 0 ? exitCodes.failed : exitCodes.held;
      });
    });
}

async function writePage(file: string, conformity: Conformity, text: string): Promise<void> {
  const { renderConformityPage } = await import('#lab/conform/page.ts');
  const markdown = `\`\`\`\n${plain(text)}\n\`\`\`\n`;
  await writeWhole(file, renderConformityPage(`Facts of ${conformity.client}`, [conformity], markdown));
}

function readFacts(file: string): Conformity {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(read?.facts) && read.facts.every(isFact)) return read;
  } catch (cause) {
    throw new InputError(`cannot read ${file}: ${refusalOf(cause)}`, { cause });
  }
  throw new InputError(`${file}: expected the facts of a client, as conform --json prints them`);
}

const isFact = (fact: Partial<FactResult> | null): boolean =>
  typeof fact?.name === 'string' && ['safe', 'unsafe', 'none', 'unknown'].includes(fact.verdict ?? '');
