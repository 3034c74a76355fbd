import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
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

/** Line and column, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/** Error for a YAML text that can't be read, with the positions of its problems. */
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

const limits = { aliases: 1000, values: 200_000 };

/** YAML text with its value, and the position of every part. */
export class YamlSource {
  readonly value: unknown;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #contents: Node | null;
  /** Target of each alias. */
  readonly #targets: ReadonlyMap<Node, Node>;
  /** Fields by name, for each map in which a field was looked up before. */
  readonly #fields = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();

  /** Reads a text that is one YAML document with plain names, finite numbers and no tags. Throws YamlError. */
  constructor(text: string) {
    this.#text = text;
    try {
      const document = parseDocument(text, {
        schema: 'core',
        resolveKnownTags: false,
        stringKeys: true,
        uniqueKeys: false, // the parser compares each key with all others
        prettyErrors: false,
        lineCounter: this.#lines,
        logLevel: 'error', // with 'silent', a second document in the file would not be reported
      });
      this.#refuse([...controlsIn(text), ...syntaxProblems(document, text)]);
      const { targets, problems } = inspect(document);
      this.#refuse(problems);
      this.#contents = document.contents;
      this.#targets = targets;
      this.value = this.#valueIn(document);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new YamlError([{ line: 1, col: 1, message: tooDeep }], { cause: error });
    }
  }

  #refuse(problems: readonly SyntaxProblem[]): void {
    if (problems.length === 0) return;
    throw new YamlError(problems.map(({ offset, message }) => ({ ...this.#at(offset), message })));
  }

  /** Returns the document's value, in which every alias is replaced by a copy of its target. */
  #valueIn(document: Document.Parsed): unknown {
    let values = 0;
    const copy = (value: unknown): unknown => {
      if (++values > limits.values)
        this.#refuse([{ offset: 0, message: `expected at most ${limits.values} values, aliases resolved` }]);
      if (Array.isArray(value)) return value.map(copy);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
    };
    return copy(document.toJS({ maxAliasCount: -1 }));
  }

  #at = (offset: number): Position =>
    this.#lines.linePos(Math.min(offset, Math.max(0, this.#text.trimEnd().length - 1)));

  /**
   * Returns the position of a value, of its name, or of a character in one of them. If the text doesn't contain the
   * value, returns the position of the innermost value around it.
   */
  positionOf({ pointer, elsewhere, onKey = false, offset }: LocatedProblem): Position {
    const exact = this.#find(pointer);
    const { key, node, around } = exact.node || elsewhere === undefined ? exact : this.#find(elsewhere);
    const written = onKey && key ? key : node;
    return this.#at(written ? start(written) + this.#within(written, offset) : start(around));
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

const start = (node: Node | null): number => node?.range?.[0] ?? 0;

/** Reports the first control character in a text, since a terminal would obey it. */
function controlsIn(text: string, offset = text.search(/[^\P{Cc}\t\n\r\u0085]/u)): SyntaxProblem[] {
  if (offset < 0) return [];
  const code = text.charCodeAt(offset).toString(16).padStart(4, '0').toUpperCase();
  return [{ offset, message: `expected text, got the control character U+${code}` }];
}

const tooDeep = 'nested too deeply';

/** Messages that replace those of the parser where it uses its internal terms. */
const expected: Partial<Record<YAMLError['code'], string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'expected one value, or quotes around a text with a colon and a space in it',
  DUPLICATE_KEY: 'expected each name once',
  MULTILINE_IMPLICIT_KEY: 'expected "name: value", or a comma',
  MULTIPLE_DOCS: 'expected one document in a file',
  NON_STRING_KEY: 'expected a name',
  TAB_AS_INDENT: 'expected spaces as indentation and no tab',
  TAG_RESOLVE_FAILED: 'expected a value without a tag',
};

/** Errors after which the parser can continue reliably. What it reports after any other error may be wrong. */
const independent = ['DUPLICATE_KEY', 'NON_STRING_KEY', 'TAG_RESOLVE_FAILED', 'MULTIPLE_DOCS'];

type SyntaxError = Pick<YAMLError, 'pos' | 'code' | 'message'>;

/** Describes the errors of the parser, up to the first error that may have caused the following ones. */
function syntaxProblems(document: Document.Parsed, text: string): SyntaxProblem[] {
  const errors: SyntaxError[] = [...document.errors, ...document.warnings, ...repeatedNames(document)];
  // The parser reports an error of nesting once for every level; one report is enough.
  const exhausted = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (exhausted) return [{ offset: exhausted.pos[0], message: tooDeep }];
  errors.sort((a, b) => a.pos[0] - b.pos[0]);
  const first = errors.findIndex(({ code }) => !independent.includes(code));
  return errors.slice(0, first < 0 ? undefined : first + 1).map(({ pos: [at], code, message }) => {
    // Skips the indentation, since the parser reports such errors at the start of the line.
    const offset = at + (/^ *(?=\S)/.exec(text.slice(at))?.[0].length ?? 0);
    const got = JSON.stringify(cut((/^.*/.exec(text.slice(offset))?.[0] ?? '').trimEnd(), 40));
    const words = expected[code];
    return { offset, message: words ? `${words}, got ${got}` : `expected YAML, got ${got}: ${message}` };
  });
}

/** Reports repeated names in a map in the same form as the parser. */
function repeatedNames(document: Document.Parsed): SyntaxError[] {
  const errors: SyntaxError[] = [];
  visit(document, {
    Map(_key, { items }) {
      const names = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const at = key.range?.[0] ?? 0;
        if (names.has(key.value)) errors.push({ pos: [at, at + 1], code: 'DUPLICATE_KEY', message: '' });
        names.add(key.value);
      }
    },
  });
  return errors;
}

/**
 * Finds the target of each alias, and values that JSON can't hold: values that contain themselves, infinities, and
 * control characters written as escapes.
 */
function inspect(document: Document.Parsed) {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  const problems: SyntaxProblem[] = [];
  visit(document, {
    Pair(_key, { key, value }) {
      // Within braces, `path:rpc` is a name without a value.
      if (value !== null || !isScalar<string>(key) || !/:\S/.test(key.value)) return;
      const message = `expected a space after the colon, got ${JSON.stringify(key.value)}`;
      problems.push({ offset: start(key), message });
    },
    Node(_key, node, path) {
      const complain = (message: string) => problems.push({ offset: start(node), message });
      if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value))
        complain(`expected a finite number, got ${node.source}`);
      if (isScalar(node) && typeof node.value === 'string')
        // A written line break is a space in the value, so that a carriage return comes from an escape.
        for (const { message } of controlsIn(node.value, node.value.search(/[^\P{Cc}\t\n\u0085]/u)))
          complain(message);
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
  return { targets, problems };
}
