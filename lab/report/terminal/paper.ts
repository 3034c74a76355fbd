import { styleText } from 'node:util';
import type { Status } from '#lab/result/result.ts';
import { none } from '#lab/text/format.ts';
import { plain } from './plain.ts';

/** What a text for a terminal is written on. */
export interface Paper {
  /** Whether escape codes for colours may be used. */
  readonly colour: boolean;
  /** Characters in a line. */
  readonly width: number;
}

export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';
export type Paint = (colour: Colour, text: string) => string;

/** The paper that an output is; without a terminal, lines of 100 characters without colour. */
export function paperOf({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): Paper {
  return { colour: isTTY === true && !process.env.NO_COLOR, width: columns ?? 100 };
}

/** Colours texts, or leaves them as they are. */
export const painter =
  ({ colour }: Paper): Paint =>
  (format, text) =>
    colour ? styleText(format, text, { validateStream: false }) : text;

/** How a verdict looks. */
export const tones: Record<Status, { colour: Colour; sign: string }> = {
  held: { colour: 'green', sign: '✓' },
  measured: { colour: 'green', sign: '✓' },
  failed: { colour: 'red', sign: '✗' },
  invalid: { colour: 'yellow', sign: '⚠' },
  error: { colour: 'red', sign: '✗' },
  interrupted: { colour: 'yellow', sign: '⚠' },
};

/** Whether something is as it should be, as a sign; null where nobody can say. */
export function mark(ok: boolean | null, paint: Paint): string {
  if (ok === null) return paint('dim', none);
  return ok ? paint('green', '✓') : paint('red', '✗');
}

/** Breaks a text at its spaces into lines of at most `width` characters; lines after the first are indented. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?=\S)/)) {
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

/** Blocks of lines as one text, with an empty line between them and plain spaces in it. */
export const printed = (blocks: readonly (readonly string[])[]): string =>
  plain(
    blocks
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
  );
