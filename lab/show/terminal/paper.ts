import { styleText } from 'node:util';
import type { Status } from '#lab/judge/result/result.ts';
import { none, plain } from '#lab/kit/text/format.ts';

export interface Paper {
  /** True if escape codes for colours may be used. */
  readonly colour: boolean;
  /** Maximum number of characters in a line; Infinity outside a terminal. */
  readonly width: number;
}

export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

/** Returns the properties of an output stream. Without a terminal, it breaks no line, so that `grep` finds whole ones. */
export function paperOf({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): Paper {
  return isTTY
    ? { colour: !process.env.NO_COLOR, width: columns || 100 }
    : { colour: false, width: Number.POSITIVE_INFINITY };
}

export const paint = (paper: Paper, colour: Colour, text: string): string =>
  paper.colour ? styleText(colour, text, { validateStream: false }) : text;

export const tones: Record<Status, { colour: Colour; sign: string }> = {
  held: { colour: 'green', sign: '✓' },
  measured: { colour: 'green', sign: '✓' },
  failed: { colour: 'red', sign: '✗' },
  invalid: { colour: 'yellow', sign: '⚠' },
  error: { colour: 'red', sign: '✗' },
  interrupted: { colour: 'yellow', sign: '⚠' },
};

/** Formats a tick or a cross; a dash for null. */
export function mark(ok: boolean | null, paper: Paper): string {
  if (ok === null) return paint(paper, 'dim', none);
  return ok ? paint(paper, 'green', '✓') : paint(paper, 'red', '✗');
}

/**
 * Breaks a text at its spaces into lines of at most `width` characters; lines after the first are indented. What stands
 * in backticks, such as a command, stays whole, so that it can be copied.
 */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?=\S)(?=(?:[^`]*`[^`]*`)*[^`]*$)/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

export const dimmed = (text: string, paper: Paper, indent = ''): string[] =>
  wrap(text, paper.width, indent).map((line) => paint(paper, 'dim', line));

const gap = 2;
/** Minimum width of a last column that stands beside the others. */
const lastMin = 16;

/**
 * Formats rows of cells as aligned columns, and returns the lines of each row. The last column is wrapped. With too little
 * room for it, it stands below the other cells.
 */
export function alignedRows(rows: readonly (readonly string[])[], width = Infinity): string[][] {
  const widths = (rows[0] ?? []).map(
    (_, column) => Math.max(...rows.map((row) => row[column]!.length)) + gap,
  );
  return rows.map((row) => {
    const last = row.length - 1;
    const before = row.slice(0, last).map((cell, column) => cell.padEnd(widths[column]!));
    const start = before.join('');
    if (width - start.length < lastMin)
      return [start.trimEnd(), ...wrap(row[last]!, width - gap, '').map((line) => ' '.repeat(gap) + line)];
    return hanging(start, start.length, wrap(row[last]!, width - start.length, ''));
  });
}

/** Puts a label before the first line, and spaces before the other lines. */
export const hanging = (label: string, indent: number, lines: readonly string[]): string[] =>
  lines.map((line, i) => (i === 0 ? label : ' '.repeat(indent)) + line);

/** Breaks a text into lines, which are indented after a sign. */
export const signed = (sign: string, text: string, paper: Paper): string[] =>
  hanging(`${sign} `, 2, wrap(text, paper.width - 2, ''));

/** Joins blocks of lines, with an empty line between them. Replaces non-breaking spaces. */
export const printed = (blocks: readonly (readonly string[])[]): string =>
  plain(blocks.flatMap((lines) => (lines.length > 0 ? lines.join('\n') : [])).join('\n\n'));
