import { type CST, Parser, type YAMLError } from 'yaml';
import { plural } from '#lab/text/format.ts';

/** Problem of a YAML text at an offset from 0. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

type Code = YAMLError['code'];

/** Errors after which the parser can go on; after any other it only guesses. */
const independent: readonly Code[] = [
  'DUPLICATE_KEY',
  'NON_STRING_KEY',
  'TAG_RESOLVE_FAILED',
  'MULTIPLE_DOCS',
];

/** Words the errors of the parser, up to the first that may cause others. */
export function syntaxProblems(text: string, errors: readonly YAMLError[]): SyntaxProblem[] {
  const end = errors.find(isUnclosed)?.pos[0];
  const opening = end === undefined ? undefined : unclosed([...new Parser().parse(text)]);
  const others = (opening ? errors.filter((error) => !isUnclosed(error)) : errors)
    .filter(({ pos }) => !opening || pos[0] < opening.offset)
    .toSorted((a, b) => a.pos[0] - b.pos[0]);
  const first = others.findIndex(({ code }) => !independent.includes(code));
  const problems = others.slice(0, first < 0 ? undefined : first + 1).map((error) => describe(text, error));
  if (first >= 0 || !opening || end === undefined) return problems;
  return [...problems, { ...opening, message: opening.message + deeper(text, end) }];
}

const isUnclosed = ({ message }: YAMLError): boolean => /end with a [\]}]$|^Missing closing/.test(message);

/** In YAML an unindented line closes every open brace, bracket and quote. */
function deeper(text: string, end: number): string {
  const next = end + text.slice(end).search(/\S/);
  const line = text.slice(0, next).split('\n').length;
  const isLineStart = /(^|\n) *$/.test(text.slice(0, next));
  return next >= end && isLineStart ? `, or deeper indentation in line ${line}` : '';
}

const closers: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** Finds the first brace, bracket or quote without an end, innermost first. */
function unclosed(tokens: readonly (CST.Token | null | undefined)[]): SyntaxProblem | undefined {
  for (const token of tokens) {
    const found = token && (unclosed(childrenOf(token)) ?? endMissing(token));
    if (found) return found;
  }
  return undefined;
}

function childrenOf(token: CST.Token): (CST.Token | null | undefined)[] {
  if (token.type === 'document') return [token.value];
  return 'items' in token ? token.items.flatMap(({ key, value }) => [key, value]) : [];
}

function endMissing(token: CST.Token): SyntaxProblem | undefined {
  const { offset } = token as { offset: number };
  if (token.type === 'flow-collection') {
    const opener = token.start.source;
    const end = token.end[0]?.source;
    if (end === closers[opener]) return undefined;
    const got = end === undefined ? '' : `, got ${end}`;
    return { offset, message: `expected ${closers[opener]} to close this ${opener}${got}` };
  }
  if (token.type !== 'single-quoted-scalar' && token.type !== 'double-quoted-scalar') return undefined;
  const quote = token.source.charAt(0);
  if (token.source.length > 1 && token.source.endsWith(quote)) return undefined;
  return { offset, message: `expected another ${quote} to close this text` };
}

/** Text around an error of the parser. */
interface ErrorContext {
  readonly error: string;
  /** The rest of the line, quoted and shortened. */
  readonly got: string;
  readonly rest: string;
  /** The line up to there. */
  readonly before: string;
  readonly indent: string;
}

function describe(text: string, { pos: [at], code, message: error }: YAMLError): SyntaxProblem {
  // Errors of indentation are reported at the start of the line, where there is nothing to see.
  const offset = at + (/^ *(?=\S)/.exec(text.slice(at))?.[0].length ?? 0);
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const rest = (/^.*/.exec(text.slice(offset))?.[0] ?? '').trimEnd();
  const spaces = before.length;
  const place = {
    error,
    rest,
    got: JSON.stringify(rest.length > 40 ? `${rest.slice(0, 39)}…` : rest),
    before,
    indent: plural(spaces, 'space'),
  };
  return { offset, message: words[code]?.(place) ?? `expected YAML, got ${place.got}: ${error}` };
}

const nameAndValue = ({ got }: ErrorContext): string => `expected "name: value", got ${got}`;
const lineAbove = ({ indent }: ErrorContext): string =>
  `expected the indentation of a line above, got ${indent}`;

const words: Partial<Record<Code, (place: ErrorContext) => string | undefined>> = {
  BAD_DQ_ESCAPE: ({ rest }) => `expected \\\\ for a backslash in double quotes, got ${rest.slice(0, 2)}`,
  BAD_INDENT: (place) => (/same column/.test(place.error) ? lineAbove(place) : undefined),
  BAD_SCALAR_START: ({ rest, got }) =>
    `expected quotes around a text that begins with ${rest.charAt(0)}, got ${got}`,
  BLOCK_AS_IMPLICIT_KEY: ({ rest, got }) =>
    rest.includes(': ')
      ? `expected one value, got ${got}; a text with a colon and a space in it needs quotes`
      : `expected a value or fields below it, got ${got} and a deeper line`,
  BLOCK_IN_FLOW: ({ rest, got }) =>
    rest.startsWith('- ')
      ? `expected [ ] around a list within { }, got ${got}`
      : `expected a comma between fields, got ${got}`,
  DUPLICATE_KEY: ({ rest }) => `expected each name once, got ${rest.replace(/\s*:.*/, '')} again`,
  KEY_OVER_1024_CHARS: nameAndValue,
  MISSING_CHAR: (place) => {
    if (/^Implicit/.test(place.error)) return nameAndValue(place);
    if (/^Sequence/.test(place.error)) return lineAbove(place);
    if (/^Missing ,/.test(place.error)) return `expected a comma before ${place.got}`;
    if (/^Missing space/.test(place.error)) return `expected a space after the colon, got ${place.got}`;
    return /^Comments/.test(place.error) ? `expected a space before the comment ${place.got}` : undefined;
  },
  MULTILINE_IMPLICIT_KEY: (place) =>
    place.before.trim() === '' ? nameAndValue(place) : `expected a comma after ${place.got}`,
  MULTIPLE_DOCS: () => 'expected one document in a file, got another from here on',
  NON_STRING_KEY: ({ got }) => `expected a name, got ${got}`,
  TAB_AS_INDENT: () => 'expected spaces as indentation, got a tab',
  TAG_RESOLVE_FAILED: ({ rest }) => `expected a value without a tag, got ${rest.split(/[\s,]/, 1)}`,
  UNEXPECTED_TOKEN: ({ error, rest, got, before }) => {
    if (/^Unexpected (,|empty)/.test(error)) return `expected a value, got ${got}`;
    if (/^[\]}]/.test(rest)) return `expected no ${rest.charAt(0)}, for none is open`;
    if (before.trim() === '') return `expected a line like those above, got ${got}`;
    if (before.split(/[{[]/).length > before.split(/[}\]]/).length) return `expected a comma before ${got}`;
    return `expected the end of the line${/['"] *$/.test(before) ? ' after the closing quote' : ''}, got ${got}`;
  },
};
