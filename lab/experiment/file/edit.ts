import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  stringify,
  visit,
} from 'yaml';
import { segmentsOf } from '#kit/schema/problems.ts';

/** Text to insert instead of a part of a YAML text. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * Returns a YAML text with other values at JSON pointers. Keeps comments and everything else as it is written. Copies
 * what an anchor shares with other places, so that these stay the same.
 */
export function withValues(text: string, values: ReadonlyMap<string, unknown>): string {
  return [...values].reduce((before, [pointer, value]) => {
    let unshared = before;
    for (let edit = unsharing(unshared, pointer); edit; edit = unsharing(unshared, pointer))
      unshared = applied(unshared, edit);
    return applied(unshared, setting(unshared, pointer, flow(value)));
  }, text);
}

const applied = (before: string, { from, to, text }: Edit): string =>
  before.slice(0, from) + text + before.slice(to);

/** Writes a value within one line. */
const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim();

/** Returns the edit that replaces an alias on the way to a pointer, or the first alias of an anchor on the way. */
function unsharing(text: string, pointer: string): Edit | undefined {
  const document = parseDocument(text);
  const shared = wayTo(document, pointer).find((node) => isAlias(node) || aliasOf(document, node));
  if (!shared) return undefined;
  const alias = isAlias(shared) ? shared : aliasOf(document, shared)!;
  const [from, to] = alias.range!;
  return { from, to, text: flow(alias.resolve(document)!.toJS(document)) };
}

/** Returns an alias of the node's anchor, if any. */
function aliasOf(document: Document.Parsed, node: Node) {
  if (!('anchor' in node) || !node.anchor) return undefined;
  let found: (Node & { resolve(of: Document): Node | undefined }) | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== node) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

/** Returns the nodes from the root to a pointer, as far as there are any. Ends at an alias. */
function wayTo(document: Document.Parsed, pointer: string): Node[] {
  const way: Node[] = document.contents ? [document.contents] : [];
  for (const name of segmentsOf(pointer)) {
    const around = way.at(-1);
    const next = isMap(around)
      ? around.items.find(({ key }) => isScalar(key) && key.value === name)?.value
      : isSeq(around)
        ? around.items[Number(name)]
        : undefined;
    if (!next) break;
    way.push(next as Node);
  }
  return way;
}

/** Returns the edit that sets a value, or that adds a field with it. Without aliases on the way. */
function setting(text: string, pointer: string, value: string): Edit {
  const names = segmentsOf(pointer);
  const way = wayTo(parseDocument(text), pointer);
  const last = way.at(-1)!;
  if (way.length > names.length) {
    const [from, to] = last.range!;
    return { from, to, text: value };
  }
  const [name = '', ...inner] = names.slice(way.length - 1);
  const field = `${name}: ${inner.reduceRight((of, each) => `{ ${each}: ${of} }`, value)}`;
  if (!isMap(last)) throw new Error(`expected a map around ${pointer}`);
  const first = last.items[0]?.key as Node | undefined;
  if (!first) return { from: last.range![0], to: last.range![1], text: `{ ${field} }` };
  const from = first.range![0];
  const indent = from - (text.lastIndexOf('\n', from - 1) + 1);
  return { from, to: from, text: last.flow ? `${field}, ` : `${field}\n${' '.repeat(indent)}` };
}
