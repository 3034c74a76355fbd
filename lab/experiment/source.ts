import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { Problem } from '#kit/schema.ts';

/** A problem and where exactly in the value it is. */
export interface LocatedProblem extends Problem {
  /** The name of the field is meant, not its value. */
  readonly onKey?: boolean;
  /** The place within a text, from 0. */
  readonly offset?: number;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML text that can't be read, and where; an offset from 0 into the text. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly problems: readonly { readonly offset: number; readonly message: string }[];

  constructor(problems: YamlError['problems'], options?: ErrorOptions) {
    super(problems.map(({ message }) => message).join('; '), options);
    this.problems = problems;
  }
}

/** What a YAML text holds, with the place of every value in it. */
export class YamlSource {
  readonly value: unknown;
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #targets: ReadonlyMap<Node, Node>;

  /** Throws YamlError. */
  constructor(text: string) {
    this.#text = text;
    try {
      this.#document = parse(text);
      this.#targets = resolveAliases(this.#document);
      this.value = valueIn(this.#document);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new YamlError([{ offset: 0, message: tooDeep }], { cause: error });
    }
  }

  /** An offset into the text: of the value, of its name, or of a character within it. */
  offsetOf({ pointer, onKey = false, offset }: LocatedProblem): number {
    let node: Node | null = this.#document.contents;
    let at = start(node);
    const segments = segmentsOf(pointer);
    for (const [index, segment] of segments.entries()) {
      const container: Node | null = this.#target(node);
      if (isSeq(container)) {
        node = (container.items[Number(segment)] ?? null) as Node | null;
        at = start(node) ?? at;
      } else if (isMap(container)) {
        const pair = container.items.find(({ key }) => isScalar(key) && key.value === segment);
        node = (pair?.value ?? null) as Node | null;
        const last = index === segments.length - 1;
        at = start(last && onKey ? (pair?.key as Node) : node) ?? start(pair?.key as Node) ?? at;
      } else break;
    }
    return (at ?? 0) + (offset === undefined ? 0 : this.#within(node, offset));
  }

  /** Where a character of a text is after the beginning of its node: only known when it is written as it reads. */
  #within(node: Node | null, offset: number): number {
    const [from, to] = node?.range ?? [0, 0];
    if (!isScalar(node) || typeof node.value !== 'string') return 0;
    const written = this.#text.slice(from, to).indexOf(node.value);
    return written < 0 ? 0 : written + offset;
  }

  #target(node: Node | null): Node | null {
    return (node && this.#targets.get(node)) ?? node;
  }
}

/** Line and column of an offset, both from 1; an offset beyond the last character is that of the last. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, Math.min(offset, Math.max(0, text.trimEnd().length - 1)));
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1 };
}

/** The names and indices that a JSON pointer is made of. */
export const segmentsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A JSON pointer's segment for any name. */
export const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const start = (node: Node | null | undefined): number | undefined => node?.range?.[0];

const tooDeep = 'nested too deeply';

/** Where the parser's own words are for its user's programmer. */
const messages: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'expected each name once',
  MULTIPLE_DOCS: 'expected a single document',
  NON_STRING_KEY: 'expected a name',
  RESOURCE_EXHAUSTION: tooDeep,
};

function parse(text: string): Document.Parsed {
  const document = parseDocument(text, {
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error', // with less, a second document in the file passes unnoticed
  });
  const problems = [...document.errors, ...document.warnings];
  const exhausted = problems.filter(({ code }) => code === 'RESOURCE_EXHAUSTION').slice(0, 1);
  const reported = exhausted.length > 0 ? exhausted : problems; // after that it reports every level
  if (reported.length > 0)
    throw new YamlError(
      reported.map(({ pos, code, message }) => ({ offset: pos[0], message: messages[code] ?? message })),
    );
  return document;
}

const aliasesMax = 1000;

/** What each alias stands for. Throws YamlError when that is nothing, or the alias itself. */
function resolveAliases(document: Document.Parsed): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  const problems: { offset: number; message: string }[] = [];
  visit(document, {
    Node(_key, node, path) {
      if (!isAlias(node)) {
        if ('anchor' in node && node.anchor) anchors.set(node.anchor, node);
        return;
      }
      const target = anchors.get(node.source);
      const offset = start(node) ?? 0;
      if (!target)
        problems.push({ offset, message: `expected an anchor &${node.source} before *${node.source}` });
      else if (path.includes(target)) problems.push({ offset, message: `*${node.source} contains itself` });
      else if (targets.size === aliasesMax) {
        problems.push({ offset, message: `expected at most ${aliasesMax} aliases` });
        return visit.BREAK;
      } else targets.set(node, target);
      return undefined;
    },
  });
  if (problems.length > 0) throw new YamlError(problems);
  return targets;
}

const valuesMax = 200_000;

/** The value, in which nothing is shared, as two places filled by the same alias would be. Throws YamlError. */
function valueIn(document: Document.Parsed): unknown {
  let values = 0;
  const copy = (value: unknown): unknown => {
    if (++values > valuesMax)
      throw new YamlError([{ offset: 0, message: `expected at most ${valuesMax} values, aliases resolved` }]);
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
  };
  return copy(document.toJS({ maxAliasCount: -1 }));
}
