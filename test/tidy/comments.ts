import { lineOf } from './code.ts';

/**
 * Text of a doc comment, or of a line comment. A line comment below a line comment is no match, since it continues it.
 */
const comment = /\/\*\*[\s*]*([\s\S]*?)\*\/|(?<=^|\s)(?<!^\s*\/\/.*\n\s*)\/\/ *(.*)/gm;

/** Words that begin a clause without a head, as "What it did" or "Of those that failed". */
const headless = /^(What|How|Whether|Where|Of|One|Those|As|Who)\b/;

/** Text of a comment behind `#`, as in YAML. A comment below another one is no match, since it continues it. */
const hashComment = /(?<=^|\s)(?<!^\s*#.*\n\s*)# *(.*)/gm;

const isHashed = (file: string): boolean => !/\.[jt]s$/.test(file);

/** Returns the comments that begin with neither a noun nor a verb, as `file:line: word: what to write instead`. */
export function headlessComments(file: string, text: string): string[] {
  return Array.from(text.matchAll(isHashed(file) ? hashComment : comment)).flatMap((found) => {
    const [word] = headless.exec(found[1] ?? found[2] ?? '') ?? [];
    return word ? [`${file}:${lineOf(text, found.index)}: ${word}: begin with a noun or a verb`] : [];
  });
}
