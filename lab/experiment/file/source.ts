import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
  YAMLParseError,
} from 'yaml';
import { type Problem, segmentsOf } from '#kit/schema/problems.ts';
import { cut } from '#kit/schema/shorten.ts';

/** Problem with its exact position in the file's value. */
export interface LocatedProblem extends Problem {
  /** True if the problem is in the field's name, not in its value. */
  readonly onKey?: boolean;
  /** Index of the character within a text or a name. */
  readonly offset?: number;
  /** Pointer of the position to use if the value is a default, and therefore not in the text. */
  readonly elsewhere?: string;
}

/** Problem of a YAML text. `offset` is the index of its character. */
interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/** Error for a YAML text that can't be read, with the positions of its problems. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly problems: readonly SyntaxProblem[];

  constructor(problems: readonly SyntaxProblem[], options?: ErrorOptions) {
    super(problems.map(({ message }) => message).join('; '), options);
    this.problems = problems;
  }
}

/** YAML text with its value, and the position of every part. */
export class YamlSource {
  readonly value: unknown;
  readonly #text: string;
  readonly #contents: Node | null;
  /** Target of each alias. */
  readonly #targets: ReadonlyMap<Node, Node>;
  /** Fields by name, for each map in which a field was looked up before. */
  readonly #fields = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();

  /** Reads a text that is one YAML document with plain names, finite numbers and no tags. Throws YamlError. */
  constructor(text: string) {
    this.#text = text;
    try {
      const document = parse(text);
      this.#contents = document.contents;
      this.#targets = inspect(document);
      this.value = valueIn(document);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new YamlError([{ offset: 0, message: tooDeep }], { cause: error });
    }
  }

  /**
   * Returns the offset of a value, of its name, or of a character in one of them. If the text doesn't contain the
   * value, returns the offset of the innermost value around it.
   */
  offsetOf({ pointer, elsewhere, onKey = false, offset }: LocatedProblem): number {
    const exact = this.#find(pointer);
    const { key, node, around } = exact.node || elsewhere === undefined ? exact : this.#find(elsewhere);
    if (onKey && key) return start(key) + this.#within(key, offset);
    return node ? start(node) + this.#within(node, offset) : start(around);
  }

  /** Finds the value at a pointer, its name, and the innermost existing value on the way to it. */
  #find(pointer: string): { key?: Node | undefined; node?: Node | undefined; around: Node | null } {
    let around = this.#contents;
    let key: Node | undefined;
    for (const segment of segmentsOf(pointer)) {
      const container: Node | null = (around && this.#targets.get(around)) ?? around;
      let next: unknown;
      if (isMap(container)) {
        const pair = this.#fieldsOf(container).get(segment);
        key = pair?.key as Node | undefined;
        next = pair?.value;
      } else if (isSeq(container)) next = container.items[Number(segment)];
      if (!next) return { key, around };
      around = next as Node;
    }
    return { key, node: around ?? undefined, around };
  }

  #fieldsOf(map: YAMLMap): ReadonlyMap<unknown, Pair> {
    let fields = this.#fields.get(map);
    if (!fields) {
      fields = new Map(map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : undefined, pair]));
      this.#fields.set(map, fields);
    }
    return fields;
  }

  /**
   * Returns the index of a character within a node's text. 0 if the text writes the value in another form, e.g. with
   * escapes.
   */
  #within(node: Node, offset: number | undefined): number {
    if (offset === undefined || !isScalar(node) || typeof node.value !== 'string') return 0;
    const written = this.#text.slice(...(node.range ?? [0, 0])).indexOf(node.value);
    return written < 0 ? 0 : written + offset;
  }
}

/**
 * Returns line and column of an offset, both counted from 1. An offset beyond the end of the text counts as the last
 * character.
 */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, Math.min(offset, Math.max(0, text.trimEnd().length - 1)));
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1 };
}

const start = (node: Node | null): number => node?.range?.[0] ?? 0;

const limits = { aliases: 1000, values: 200_000 };
const tooDeep = 'nested too deeply';

/** Control characters that a YAML text may not contain. */
const control = /[^\P{Cc}\t\n\r\u0085]/u;
/** Control characters that a value may not contain, since a terminal would obey them. */
const controlOfValue = /[^\P{Cc}\t\n\u0085]/u;

/** Reports the first control character in a text that matches `some`, if any. */
function controlIn(text: string, some: RegExp): SyntaxProblem | undefined {
  const offset = text.search(some);
  if (offset < 0) return undefined;
  const code = text.charCodeAt(offset).toString(16).padStart(4, '0').toUpperCase();
  return { offset, message: `expected text, got the control character U+${code}` };
}

function parse(text: string): Document.Parsed {
  const first = controlIn(text, control);
  if (first) refuse([first]);
  const document = parseDocument(text, {
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false, // the parser compares each key with all others
    prettyErrors: false,
    logLevel: 'error', // with 'silent', a second document in the file would not be reported
  });
  const problems = [...document.errors, ...document.warnings, ...repeatedNames(document)];
  // The parser reports an error of nesting once for every level; one report is enough.
  const exhausted = problems.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  refuse(
    exhausted ? [{ offset: exhausted.pos[0], message: tooDeep }] : syntaxProblems(document, text, problems),
  );
  return document;
}

/** Reports repeated names in a map in the same form as the parser. */
function repeatedNames(document: Document.Parsed): YAMLParseError[] {
  const errors: YAMLParseError[] = [];
  visit(document, {
    Map(_key, { items }) {
      const names = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const at = key.range?.[0] ?? 0;
        if (names.has(key.value)) errors.push(new YAMLParseError([at, at + 1], 'DUPLICATE_KEY', 'repeated'));
        names.add(key.value);
      }
    },
  });
  return errors;
}

/**
 * Finds the target of each alias. Refuses values that JSON can't hold: values that contain themselves, infinities, and
 * control characters written as escapes.
 */
function inspect(document: Document.Parsed): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  const problems: SyntaxProblem[] = [];
  visit(document, {
    Pair(_key, { key, value }) {
      // Within braces, `path:rpc` is a name without a value.
      if (value === null && isScalar<string>(key) && /:\S/.test(key.value))
        problems.push({
          offset: key.range?.[0] ?? 0,
          message: `expected a space after the colon, got ${JSON.stringify(key.value)}`,
        });
    },
    Node(_key, node, path) {
      const complain = (message: string) => problems.push({ offset: node.range?.[0] ?? 0, message });
      if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value))
        complain(`expected a finite number, got ${node.source}`);
      if (isScalar(node) && typeof node.value === 'string') {
        const escaped = controlIn(node.value, controlOfValue);
        if (escaped) complain(escaped.message);
      }
      if (!isAlias(node)) {
        if ('anchor' in node && node.anchor) anchors.set(node.anchor, node);
        return undefined;
      }
      const target = anchors.get(node.source);
      if (!target) complain(`expected an anchor &${node.source} before *${node.source}`);
      else if (path.includes(target)) complain(`*${node.source} contains itself`);
      else targets.set(node, target);
      if (targets.size <= limits.aliases) return undefined;
      complain(`expected at most ${limits.aliases} aliases`);
      return visit.BREAK;
    },
  });
  refuse(problems);
  return targets;
}

/** Returns the document's value, in which every alias is replaced by a copy of its target. */
function valueIn(document: Document.Parsed): unknown {
  let values = 0;
  const copy = (value: unknown): unknown => {
    if (++values > limits.values)
      refuse([{ offset: 0, message: `expected at most ${limits.values} values, aliases resolved` }]);
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
  };
  return copy(document.toJS({ maxAliasCount: -1 }));
}

function refuse(problems: readonly SyntaxProblem[]): void {
  if (problems.length > 0) throw new YamlError(problems);
}

type Code = YAMLError['code'];

/** Errors after which the parser can continue reliably. What it reports after any other error may be wrong. */
const independent: readonly Code[] = [
  'DUPLICATE_KEY',
  'NON_STRING_KEY',
  'TAG_RESOLVE_FAILED',
  'MULTIPLE_DOCS',
];

/** Describes the errors of the parser, up to the first error that may have caused the following ones. */
function syntaxProblems(document: Document.Parsed, text: string, errors: readonly YAMLError[]) {
  const opening = errors.some(isUnclosed) ? unclosed(document, text) : undefined;
  const others = errors
    .filter((error) => !opening || (!isUnclosed(error) && error.pos[0] < opening.offset))
    .toSorted((a, b) => a.pos[0] - b.pos[0]);
  const first = others.findIndex(({ code }) => !independent.includes(code));
  const problems = others.slice(0, first < 0 ? undefined : first + 1).map((error) => describe(text, error));
  return first < 0 && opening ? [...problems, opening] : problems;
}

const isUnclosed = ({ message }: YAMLError): boolean => /end with a [\]}]$|^Missing closing/.test(message);

const closers: Readonly<Record<string, string>> = { '{': '}', '[': ']', '"': '"', "'": "'" };

/** Finds the first brace, bracket or quote without its closing sign. Of nested ones, finds the innermost. */
function unclosed(document: Document.Parsed, text: string): SyntaxProblem | undefined {
  let found: (SyntaxProblem & { end: number }) | undefined;
  visit(document, {
    Node(_key, node) {
      const [offset, end] = node.range ?? [0, 0];
      const closer = closers[text.charAt(offset)];
      const isOpened = isCollection(node) ? node.flow : isScalar(node) && node.type?.startsWith('QUOTE');
      const isClosed = end - offset > 1 && text[end - 1] === closer && endOfItems(node) < end;
      if (closer && isOpened && !isClosed && offset < (found?.end ?? Infinity))
        found = { offset, end, message: `expected ${closer} to close this ${text.charAt(offset)}` };
    },
  });
  return found;
}

/** Returns the end of the last value in a list or map; 0 if it has no value. */
function endOfItems(node: Node): number {
  const last = isCollection(node) ? node.items.at(-1) : undefined;
  const value = isPair<Node, Node>(last) ? (last.value ?? last.key) : (last as Node | undefined);
  return value?.range?.[1] ?? 0;
}

function describe(text: string, { pos: [at], code, message }: YAMLError): SyntaxProblem {
  // Skips the indentation, since the parser reports such errors at the start of the line.
  const offset = at + (/^ *(?=\S)/.exec(text.slice(at))?.[0].length ?? 0);
  const rest = (/^.*/.exec(text.slice(offset))?.[0] ?? '').trimEnd();
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const words = expected[code]?.({ rest, before, message });
  const got = JSON.stringify(cut(rest, 40));
  return { offset, message: words ? `${words}, got ${got}` : `expected YAML, got ${got}: ${message}` };
}

/** Text of an error's line before and after its position, and the parser's message. */
interface Place {
  readonly rest: string;
  readonly before: string;
  readonly message: string;
}

/** Messages that replace those of the parser where it uses its internal terms. */
const expected: Partial<Record<Code, (place: Place) => string | undefined>> = {
  BAD_DQ_ESCAPE: () => 'expected \\\\ for a backslash in double quotes',
  BAD_INDENT: () => 'expected the indentation of a line above',
  BAD_SCALAR_START: ({ rest }) => `expected quotes around a text that begins with ${rest.charAt(0)}`,
  BLOCK_AS_IMPLICIT_KEY: ({ rest }) =>
    rest.includes(': ')
      ? 'expected one value, or quotes around a text with a colon and a space in it'
      : 'expected a value or deeper lines, and not both',
  BLOCK_IN_FLOW: () => 'expected a comma between fields, or [ ] around a list within { }',
  DUPLICATE_KEY: () => 'expected each name once',
  MISSING_CHAR: ({ message }) => missingCharacters.find(([start]) => message.startsWith(start))?.[1],
  MULTILINE_IMPLICIT_KEY: () => 'expected "name: value", or a comma',
  MULTIPLE_DOCS: () => 'expected one document in a file',
  NON_STRING_KEY: () => 'expected a name',
  TAB_AS_INDENT: () => 'expected spaces as indentation and no tab',
  TAG_RESOLVE_FAILED: () => 'expected a value without a tag',
  UNEXPECTED_TOKEN: ({ rest, before, message }) => {
    if (/^Unexpected (,|empty)/.test(message)) return 'expected a value';
    if (/^[\]}]/.test(rest)) return `expected no ${rest.charAt(0)} where none is open`;
    if (before.trim() === '') return 'expected a line like those above';
    const isInside = before.split(/[{[]/).length > before.split(/[}\]]/).length;
    return isInside ? 'expected a comma before the next field' : 'expected the end of the line';
  },
};

const missingCharacters = [
  ['Implicit', 'expected "name: value"'],
  ['Missing ,', 'expected a comma before the next field'],
  ['Missing space', 'expected a space after the colon'],
  ['Comments', 'expected a space before the comment'],
] as const;
