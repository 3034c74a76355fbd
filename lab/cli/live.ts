import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cut } from '#kit/schema/shorten.ts';

export type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'rows'>;

/** Columns that stay free for the terminal's `^C`, which would otherwise wrap to a second row. */
const spare = 3;

/** Changing lines at the end of each terminal. */
const drawn = new WeakMap<Output, readonly string[]>();

const columnsOf = ({ columns }: Output): number => columns || 80;

/** Replaces the changing lines of a terminal, in one write, so that they don't flicker. */
export function redraw(output: Output, lines: readonly string[]): void {
  const shown = lines.map((line) => cut(line, columnsOf(output) - spare));
  output.write(erasing(output) + shown.join('\n'));
  drawn.set(output, shown);
}

/** Erases the changing lines of a terminal. */
export function clear(output: Output): void {
  if (!output.isTTY) return;
  output.write(erasing(output));
  drawn.delete(output);
}

/** Returns a function that writes a line, in place of the changing lines of a terminal. */
export const lineTo =
  (output: Output) =>
  (line: string): void => {
    clear(output);
    output.write(`${line}\n`);
  };

/** Formats the path of a file, in a terminal as a link that opens it. */
export const linkTo = (file: string, { isTTY }: Output): string =>
  isTTY ? `\u001b]8;;${pathToFileURL(resolve(file)).href}\u001b\\${file}\u001b]8;;\u001b\\` : file;

/** Returns the codes that erase the changing lines. In a window that became narrower, a line takes several rows. */
function erasing(output: Output): string {
  const rowsOf = ({ length }: string) => Math.max(1, Math.ceil(length / columnsOf(output)));
  const rows = (drawn.get(output) ?? ['']).reduce((sum, line) => sum + rowsOf(line), 0);
  // Each row alone, since some terminals keep in their history what is erased down to the end of the window.
  return `\r${Array.from({ length: rows }, () => '\u001b[2K').join('\u001b[A')}`;
}
