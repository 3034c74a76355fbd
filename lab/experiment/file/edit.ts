import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, stringify, visit } from 'yaml';
import { segmentsOf } from '#kit/schema/problems.ts';

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
    return applied(unshared, setting(unshared, pointer, value));
  }, text);
}

const applied = (before: string, { from, to, text }: Edit): string =>
  before.slice(0, from) + text + before.slice(to);

/** Writes a value within one line. */
const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim();

/**
 * Returns the edit that replaces an alias by a copy, if the alias or its anchor is on the way to a pointer, or if the
 * anchor is inside the value there.
 */
function unsharing(text: string, pointer: string): Edit | undefined {
  const document = parseDocument(text);
  const way = wayTo(document, pointer);
  const [from, to] = way[segmentsOf(pointer).length]?.range ?? [0, 0];
  let edit: Edit | undefined;
  visit(document, {
    Alias(_key, alias) {
      const target = alias.resolve(document)!;
      const at = target.range![0];
      if (!way.includes(alias) && !way.includes(target) && !(from <= at && at < to)) return undefined;
      edit = { from: alias.range![0], to: alias.range![1], text: flow(target.toJS(document)) };
      return visit.BREAK;
    },
  });
  return edit;
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
function setting(text: string, pointer: string, value: unknown): Edit {
  const names = segmentsOf(pointer);
  const way = wayTo(parseDocument(text), pointer);
  const last = way.at(-1)!;
  const [start, end] = last.range!;
  const lineBreak = (at: number) => `\n${' '.repeat(at - (text.lastIndexOf('\n', at - 1) + 1))}`;
  if (way.length > names.length) {
    const isLines = isSeq(last) && !last.flow && Array.isArray(value) && value.length > 0;
    return {
      from: start,
      to: start + text.slice(start, end).trimEnd().length, // a list in lines ends after its last line break
      text: isLines ? value.map((each) => `- ${flow(each)}`).join(lineBreak(start)) : flow(value),
    };
  }
  const [name = '', ...inner] = names.slice(way.length - 1);
  const field = `${name}: ${inner.reduceRight((of, each) => `{ ${each}: ${of} }`, flow(value))}`;
  if (!isMap(last)) throw new Error(`expected a map around ${pointer}`);
  const first = last.items[0]?.key as Node | undefined;
  if (!first) return { from: start, to: end, text: `{ ${field} }` };
  const from = first.range![0];
  return { from, to: from, text: last.flow ? `${field}, ` : field + lineBreak(from) };
}
