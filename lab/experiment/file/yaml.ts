import { type Document, isAlias, isScalar, type Node, parseDocument, visit, YAMLParseError } from 'yaml';
import { type SyntaxProblem, syntaxProblems } from './syntax.ts';

/** A YAML text that can't be read, and where; offsets count from 0. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly problems: readonly SyntaxProblem[];

  constructor(problems: YamlError['problems'], options?: ErrorOptions) {
    super(problems.map(({ message }) => message).join('; '), options);
    this.problems = problems;
  }
}

/** Parsed YAML text. */
export interface Yaml {
  readonly contents: Node | null;
  /** Target of each alias. */
  readonly targets: ReadonlyMap<Node, Node>;
  readonly value: unknown;
}

const limits = { aliases: 1000, values: 200_000 };
const tooDeep = 'nested too deeply';

/** Reads a YAML text of one document with plain names, finite numbers and no tags. Throws YamlError. */
export function parseYaml(text: string): Yaml {
  try {
    const document = parse(text);
    const targets = inspect(document);
    return { contents: document.contents, targets, value: valueIn(document) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new YamlError([{ offset: 0, message: tooDeep }], { cause: error });
  }
}

/** Control characters that no YAML text contains. */
const control = /[^\P{Cc}\t\n\r\u0085]/u;
/** Control characters that no value may contain, since a terminal would obey them. */
const controlOfValue = /[^\P{Cc}\t\n\u0085]/u;

/** Reports the first of some control characters in a text, if any. */
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
    uniqueKeys: false, // it compares each with all others
    prettyErrors: false,
    logLevel: 'error', // with less, a second document in the file passes unnoticed
  });
  const problems = [...document.errors, ...document.warnings, ...repeatedNames(document)];
  // Nesting is reported once for every level.
  const exhausted = problems.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  refuse(exhausted ? [{ offset: exhausted.pos[0], message: tooDeep }] : syntaxProblems(text, problems));
  return document;
}

/** Reports repeated names in a map, as the parser would. */
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
 * Finds the target of each alias. Refuses values that JSON can't hold: values within themselves, infinities, and control
 * characters written by an escape.
 */
function inspect(document: Document.Parsed): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  const problems: SyntaxProblem[] = [];
  visit(document, {
    Pair(_key, { key, value }) {
      // In braces, `path:rpc` is a name without a value.
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

/** Returns the value with every alias copied. */
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

function refuse(problems: YamlError['problems']): void {
  if (problems.length > 0) throw new YamlError(problems);
}
