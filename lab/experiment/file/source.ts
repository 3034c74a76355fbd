import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { type Problem, segmentsOf } from '#kit/schema/problems.ts';
import { cut } from '#kit/schema/shorten.ts';

/** Problem with its exact position in the file's value. */
export interface LocatedProblem extends Problem {
  /** Index of the character within a text or a name. */
  readonly offset?: number;
  /** Pointer of the position to use if the value is a default, and therefore not in the text. */
  readonly elsewhere?: string;
}

/** Line and column, both counted from 1. */
export type Position = ReturnType<LineCounter['linePos']>;

export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly problems: readonly (Position & { readonly message: string })[];

  constructor(problems: YamlError['problems'], options?: ErrorOptions) {
    super(problems.map(({ message }) => message).join('; '), options);
    this.problems = problems;
  }
}

/** Problem of a YAML text. `offset` is the index of its character. */
interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/** YAML text with its value, and the position of every part. */
export class YamlSource {
  readonly value: unknown;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  /** Reads a text that is one YAML document with plain names, finite numbers and no tags. Throws YamlError. */
  constructor(text: string) {
    this.#text = text;
    try {
      this.#document = parseDocument(text, {
        schema: 'core',
        resolveKnownTags: false,
        stringKeys: true,
        uniqueKeys: false, // the parser compares each key with all others
        prettyErrors: false,
        lineCounter: this.#lines,
      });
      const problem = controlIn(text.replaceAll('\r', ' ')) ?? syntaxProblem(this.#document, text);
      const problems = problem ? [problem] : problemsIn(this.#document);
      if (problems.length > 0)
        throw new YamlError(problems.map(({ offset, message }) => ({ ...this.#at(offset), message })));
      // An alias becomes a copy of its target, so that each has its own defaults.
      this.value = JSON.parse(JSON.stringify(this.#document.toJS()) ?? 'null');
    } catch (cause) {
      if (!(cause instanceof RangeError || cause instanceof ReferenceError)) throw cause;
      const message = `expected fewer levels of nesting or aliases: ${cause.message}`;
      throw new YamlError([{ line: 1, col: 1, message }], { cause });
    }
  }

  #at = (offset: number): Position =>
    this.#lines.linePos(Math.min(offset, Math.max(0, this.#text.trimEnd().length - 1)));

  /**
   * Returns the position of a value, of its name, or of a character in one of them. If the text doesn't contain the
   * value, returns the position of the innermost value around it.
   */
  positionOf({ pointer, elsewhere, onKey = false, offset }: LocatedProblem): Position {
    const exact = this.#find(pointer);
    const { key, node } = exact.isMissing && elsewhere !== undefined ? this.#find(elsewhere) : exact;
    const written = onKey && key ? key : node;
    // A text that is written in another form, e.g. with escapes, has no position for its characters.
    const inText = this.#text.slice(...(written?.range ?? [0, 0])).indexOf(String(nameOf(written)));
    return this.#at(start(written) + (inText < 0 || offset === undefined ? 0 : inText + offset));
  }

  /** Finds the value at a pointer, or the innermost value on the way to it, and the name of the last field on the way. */
  #find(pointer: string): { key: Node | undefined; node: Node | null; isMissing?: true } {
    let node: Node | null = this.#document.contents;
    let key: Node | undefined;
    for (const segment of segmentsOf(pointer)) {
      const container: unknown = isAlias(node) ? node.resolve(this.#document) : node;
      const pair = isMap(container)
        ? container.items.find((each) => nameOf(each.key) === segment)
        : undefined;
      const next = isSeq(container) ? container.items[Number(segment)] : pair?.value;
      key = pair?.key as Node | undefined;
      if (!next) return { key, node, isMissing: true };
      node = next as Node;
    }
    return { key, node };
  }
}

const start = (node: Node | null): number => node?.range?.[0] ?? 0;

const nameOf = (node: unknown): unknown => (isScalar(node) ? node.value : undefined);

/** Returns a problem for the first control character in a text, since a terminal would obey it. */
function controlIn(text: string): SyntaxProblem | undefined {
  const found = /[^\P{Cc}\t\n\u0085]/u.exec(text);
  if (!found) return undefined;
  const code = found[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
  return { offset: found.index, message: `expected text, got the control character U+${code}` };
}

/** Texts for errors that the parser describes in its internal terms, by code. */
const expected: Partial<Record<YAMLError['code'], string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'one value, or quotes around a text with a colon and a space in it',
  MULTILINE_IMPLICIT_KEY: '"name: value", or a comma',
  MULTIPLE_DOCS: 'one document in a file',
  NON_STRING_KEY: 'a name',
  RESOURCE_EXHAUSTION: 'fewer levels of nesting',
  TAB_AS_INDENT: 'spaces as indentation and no tab',
  TAG_RESOLVE_FAILED: 'a value without a tag',
};

/** Texts for other errors, by a part of the parser's message. `$1` is the sign in it. */
const expectedBy: readonly (readonly [message: RegExp, expected: string])[] = [
  [/end with an? (\S)$/, '$1 to close what was opened'],
  [/Missing closing (\S)quote/, '$1 to close a text'],
  [/followed by map values/, 'a colon after the name'],
  [/the same column/, 'the same indentation as the fields before'],
  [/start with .* character (\S)$/, 'quotes around a text that begins with $1'],
];

function expectedAt({ code, message }: YAMLError): string {
  for (const [pattern, text] of expectedBy) {
    const found = pattern.exec(message);
    if (found) return text.replace('$1', found[1] ?? '');
  }
  return expected[code] ?? `YAML (${message})`;
}

/** Returns a problem for the first error of the parser, which may have caused the following ones. */
function syntaxProblem({ errors, warnings }: Document.Parsed, text: string): SyntaxProblem | undefined {
  const [first] = [...errors, ...warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (!first) return undefined;
  // Skips the indentation, since the parser reports such errors at the start of the line.
  const offset = first.pos[0] + (/^ *(?=\S)/.exec(text.slice(first.pos[0]))?.[0].length ?? 0);
  const line = cut(/^.*/.exec(text.slice(offset))![0].trimEnd(), 40);
  const got = line === '' ? 'the end' : JSON.stringify(line);
  return { offset, message: `expected ${expectedAt(first)}, got ${got}` };
}

/** Highest number of values that the aliases of a text stand for. Each of them becomes a copy. */
const copiesMax = 100_000;

/** Finds what neither the parser nor a schema reports. */
function problemsIn(document: Document.Parsed): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const complain = (node: unknown, message: string) =>
    problems.push({ offset: start(node as Node), message });
  const anchors = new Map<string, Node>();
  const sizes = new Map<Node, number>();
  let copies = 0;
  visit(document, {
    Pair(_key, { key, value }) {
      // Within braces, `path:rpc` is a name without a value.
      const name = nameOf(key);
      if (value === null && /:\S/.test(String(name)))
        complain(key, `expected a space after the colon, got ${JSON.stringify(name)}`);
    },
    Node(_key, node, path) {
      const value = nameOf(node);
      if (typeof value === 'number' && !Number.isFinite(value))
        complain(node, `expected a finite number, got ${value}`);
      const control = controlIn(String(value));
      if (control) complain(node, control.message);
      const names = new Set<unknown>();
      for (const { key } of isMap(node) ? node.items : []) {
        const name = nameOf(key);
        if (names.has(name)) complain(key, `expected each name once, got ${JSON.stringify(name)} again`);
        names.add(name);
      }
      if ('anchor' in node && node.anchor) anchors.set(node.anchor, node);
      if (!isAlias(node)) return;
      const target = anchors.get(node.source);
      if (!target || path.includes(target))
        return complain(node, `expected an anchor &${node.source} that ends before *${node.source}`);
      // The anchor may get another target later.
      sizes.set(node, sizeOf(target));
      copies += sizeOf(target);
      if (copies <= copiesMax) return;
      complain(node, `expected aliases of at most ${copiesMax} values in all`);
      return visit.BREAK;
    },
  });
  return problems;

  /** Returns the number of values in a part of the text, in which aliases are copies. */
  function sizeOf(node: unknown): number {
    const known = sizes.get(node as Node);
    if (known !== undefined) return known;
    if (!isMap(node) && !isSeq(node)) return 1;
    const size = node.items.reduce((sum: number, item) => sum + sizeOf(isPair(item) ? item.value : item), 1);
    sizes.set(node, size);
    return size;
  }
}
