import { isRecord } from '#kit/schema/schema.ts';

/** Configuration with dotted keys on a single level: `policies.retry.maxRetries` → 3. */
export type Flat = ReadonlyMap<string, unknown>;

/**
 * Flattens a configuration. A pipeline (a list of objects with one field each) becomes a key whose value lists the
 * names of its entries in order. The options of an entry get keys below it. A second entry of the same name becomes
 * `retry#2`. Other lists are not flattened. An undefined option gets no key.
 */
export const flatten = (config: Readonly<Record<string, unknown>>): Flat => new Map(flatEntries(config, ''));

function flatEntries(config: unknown, at: string): [key: string, value: unknown][] {
  return leavesOf(config, at).flatMap(([key, value]) => {
    if (!isPipeline(value)) return [[key, value]];
    const names = numbered(value.map((entry) => Object.keys(entry)[0] ?? ''));
    const options = value.flatMap((entry, i) => flatEntries(Object.values(entry)[0], `${key}.${names[i]}`));
    return [[key, names.join(' → ') || 'none'], ...options];
  });
}

function leavesOf(value: unknown, key: string): [key: string, value: unknown][] {
  if (value === undefined) return [];
  if (!isRecord(value) || Object.keys(value).length === 0) return [[key, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, key === '' ? name : `${key}.${name}`),
  );
}

export function changedKeys(before: object, after: object): string[] {
  const [a, b] = [before, after].map((config) => flatten(config as Record<string, unknown>));
  return differingKeys(a!, b!);
}

export const differingKeys = (a: Flat, b: Flat): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter(
    (key) => JSON.stringify(a.get(key)) !== JSON.stringify(b.get(key)),
  );

export const pipelinesOf = (
  config: Readonly<Record<string, unknown>>,
): Map<string, Record<string, unknown>[]> =>
  new Map(leavesOf(config, '').flatMap(([key, value]) => (isPipeline(value) ? [[key, value]] : [])));

const isPipeline = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.every((entry) => isRecord(entry) && Object.keys(entry).length === 1);

function numbered(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name}#${before + 1}`;
  });
}
