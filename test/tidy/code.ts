const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** Replaces comments by spaces, and keeps line breaks. Template literals stay, since they may contain code. */
export function withoutComments(text: string): string {
  return text.replace(token, (found) => (found.startsWith('/') ? blank(found) : found));
}

/** Replaces comments and quoted strings by spaces, and keeps line breaks. */
export function withoutProse(text: string): string {
  return text.replace(token, (found) => (found.startsWith('`') ? found : blank(found)));
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Returns the number of the line at an offset. The first line has number 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
