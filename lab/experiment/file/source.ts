import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { type Problem, segmentsOf } from '#kit/schema/problems.ts';
import { parseYaml, type Yaml } from './yaml.ts';

/** Problem with its exact place in the value. */
export interface LocatedProblem extends Problem {
  /** True if the name of the field is meant, not its value. */
  readonly onKey?: boolean;
  /** Position within a text or a name, from 0. */
  readonly offset?: number;
  /** Pointer to show if the value is a default, and so not in the text. */
  readonly elsewhere?: string;
}

/** YAML text with its value, and the position of every part. */
export class YamlSource {
  readonly #text: string;
  readonly #yaml: Yaml;
  /** Fields by name, of maps in which one was looked up. */
  readonly #fields = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();

  /** Throws YamlError. */
  constructor(text: string) {
    this.#text = text;
    this.#yaml = parseYaml(text);
  }

  get value(): unknown {
    return this.#yaml.value;
  }

  /** Returns the offset of the value, its name, a character in either, or else of the innermost value around it. */
  offsetOf({ pointer, elsewhere, onKey = false, offset }: LocatedProblem): number {
    const exact = this.#find(pointer);
    const { key, node, around } = exact.node || elsewhere === undefined ? exact : this.#find(elsewhere);
    if (onKey && key) return start(key) + this.#within(key, offset);
    return node ? start(node) + this.#within(node, offset) : start(around);
  }

  /** Finds the value at a pointer, its name, and the innermost value on the way. */
  #find(pointer: string): { key?: Node | undefined; node?: Node | undefined; around: Node | null } {
    let around = this.#yaml.contents;
    let key: Node | undefined;
    for (const segment of segmentsOf(pointer)) {
      const container: Node | null = (around && this.#yaml.targets.get(around)) ?? around;
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

  /** Offset of a character from the start of its node; 0 if the text is not written as it reads. */
  #within(node: Node, offset: number | undefined): number {
    if (offset === undefined || !isScalar(node) || typeof node.value !== 'string') return 0;
    const written = this.#text.slice(...(node.range ?? [0, 0])).indexOf(node.value);
    return written < 0 ? 0 : written + offset;
  }
}

/** Returns line and column of an offset, both from 1; an offset beyond the text is that of its last character. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, Math.min(offset, Math.max(0, text.trimEnd().length - 1)));
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1 };
}

const start = (node: Node | null): number => node?.range?.[0] ?? 0;
