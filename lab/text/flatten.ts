import { isRecord } from '#kit/schema/schema.ts';

/** A configuration as one level of dotted keys: `policies.retry.maxRetries` → 3. */
export type Flat = ReadonlyMap<string, unknown>;

/**
 * Flattens a configuration. A list of objects with one field each, as pipelines are, gets a key that names the order
 * and below it the options by name; a second entry of the same name is told apart as `retry#2`. Other lists stay whole.
 */
export function flatten(config: Readonly<Record<string, unknown>>): Flat {
  const flat = new Map<string, unknown>();
  const visit = (value: unknown, key: string): void => {
    if (isRecord(value) && Object.keys(value).length > 0) {
      for (const [name, inner] of Object.entries(value)) visit(inner, key === '' ? name : `${key}.${name}`);
    } else if (isPipeline(value)) {
      const names = numbered(value.map((entry) => Object.keys(entry)[0] ?? ''));
      flat.set(key, names.join(' → ') || 'none');
      value.forEach((entry, i) => {
        visit(Object.values(entry)[0], `${key}.${names[i]}`);
      });
    } else {
      flat.set(key, value);
    }
  };
  visit(config, '');
  return flat;
}

/** The keys whose values differ between two configurations. */
export function changedKeys(before: object, after: object): string[] {
  const [a, b] = [before, after].map((config) => flatten(config as Record<string, unknown>));
  return [...new Set([...a!.keys(), ...b!.keys()])].filter(
    (key) => JSON.stringify(a!.get(key)) !== JSON.stringify(b!.get(key)),
  );
}

/** The pipelines of policies in a configuration, by the key at which each stands. */
export function pipelinesOf(
  config: Readonly<Record<string, unknown>>,
): Map<string, Record<string, unknown>[]> {
  const found = new Map<string, Record<string, unknown>[]>();
  const visit = (value: unknown, key: string): void => {
    if (isPipeline(value)) found.set(key, value);
    else if (isRecord(value)) {
      for (const [name, inner] of Object.entries(value)) visit(inner, key === '' ? name : `${key}.${name}`);
    }
  };
  visit(config, '');
  return found;
}

const isPipeline = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.every((entry) => isRecord(entry) && Object.keys(entry).length === 1);

function numbered(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name}#${before + 1}`;
  });
}
