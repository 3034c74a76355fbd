const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** Blanks comments and leaves the lines where they are. Template literals stay, since they may contain code. */
export function withoutComments(text: string): string {
  return text.replace(token, (found) => (found.startsWith('/') ? blank(found) : found));
}

/** Blanks comments and the contents of quoted strings and leaves the lines where they are. */
export function withoutProse(text: string): string {
  return text.replace(token, (found) => (found.startsWith('`') ? found : blank(found)));
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** The number, from 1, of the line that holds an offset. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
