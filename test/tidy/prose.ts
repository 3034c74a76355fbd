import { posix } from 'node:path';
import { lineOf } from './code.ts';

const link = /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s*(\S+)/gm;
const script = /\bnpm run ([\w:-]+)|\bnpm (test)\b/g;

/** Returns links of a Markdown file to missing files or headings. `read` returns undefined for a missing file. */
export function brokenLinks(
  file: string,
  text: string,
  read: (path: string) => string | undefined,
): string[] {
  const prose = withoutCode(text);
  return Array.from(prose.matchAll(link)).flatMap((found) => {
    const target = found[1] ?? found[2] ?? '';
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const content = path === '' ? text : read(posix.join(posix.dirname(file), path));
    const where = `${file}:${lineOf(prose, found.index)}`;
    if (content === undefined) return [`${where}: ${target}: no such file`];
    if (anchor && !headings(content).includes(anchor)) return [`${where}: ${target}: no such heading`];
    return [];
  });
}

/** Returns the npm scripts that a Markdown file mentions and package.json lacks. */
export function unknownScripts(file: string, text: string, known: ReadonlySet<string>): string[] {
  return Array.from(text.matchAll(script)).flatMap((found) => {
    const name = found[1] ?? found[2] ?? '';
    return known.has(name) ? [] : [`${file}:${lineOf(text, found.index)}: npm run ${name}: no such script`];
  });
}

/** Returns the anchors that GitHub generates for the headings of a file. */
function headings(text: string): string[] {
  return Array.from(withoutCode(text).matchAll(/^#+ +(.+)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

const withoutCode = (text: string): string =>
  text.replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, (code) => code.replace(/[^\n]/g, ' '));
