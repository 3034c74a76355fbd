import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { urlsIn } from '#kit/urls.ts';
import { type Program, pathInside, placeholdersIn } from '#lab/experiment/programs.ts';
import type { Command } from '#lab/world/process/launch.ts';

/** Values of the placeholders. Those with several values repeat their line or argument, once for each value. */
export type Placed = Readonly<Record<string, readonly string[]>>;

interface CommandParts extends Extract<Program, { readonly command: unknown }> {
  readonly name: string;
  readonly port: number;
  /** URLs of the dependency, separated by commas. */
  readonly dependency: string;
  /** Folder for files of the server. It is removed after the run. */
  readonly scratch: string;
  /** Folder of the logs, which stay with the evidence. */
  readonly logs: string;
}

/**
 * Returns the command that starts a server of the user. Fills in the placeholders of its arguments, and of the files
 * that they name. Writes the filled files to the scratch folder. Throws InputError.
 */
export function ownCommand({ command, folder, port, dependency, ...parts }: CommandParts): Command {
  const { name, scratch, logs } = parts;
  const own = join(scratch, name);
  mkdirSync(own, { recursive: true });
  const hosts = urlsIn(dependency).map((url) => new URL(url).host);
  const placed: Placed = {
    listen: [`127.0.0.1:${port}`],
    port: [String(port)],
    dependency: hosts,
    number: hosts.map((_, index) => String(index + 1)),
    folder: [own],
    logs: [logs],
  };
  const copies: Record<string, string[]> = {};
  for (const path of command.flatMap(placeholdersIn).filter((each) => each.startsWith('./'))) {
    const copy = join(own, basename(path));
    const lines = readFileSync(pathInside(folder, path), 'utf8').split('\n');
    writeFileSync(copy, lines.flatMap((line) => filled(line, placed)).join('\n'));
    copies[path] = [copy];
  }
  const [file = '', ...args] = command.flatMap((each) => filled(each, { ...placed, ...copies }));
  const logFile = join(logs, `${name}.log`);
  return { name, file, args, folder, isGroup: true, logFile, listens: port };
}

/** Fills in the placeholders of a line. Returns one line for each value, if one of them has several. */
export function filled(line: string, placed: Placed): string[] {
  const names = placeholdersIn(line);
  const lines = Math.max(1, ...names.map((name) => placed[name]?.length ?? 1));
  return Array.from({ length: lines }, (_, index) =>
    names.reduce((text, name) => {
      const values = placed[name] ?? [`{{${name}}}`];
      return text.replace(`{{${name}}}`, () => values[Math.min(index, values.length - 1)]!);
    }, line),
  );
}
