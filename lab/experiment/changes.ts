import type { Variant } from './schema.ts';

type Change = NonNullable<Variant['changes']>[number];

const changesOf = (variant: { readonly changes?: unknown }): readonly Change[] =>
  (variant.changes ?? []) as readonly Change[];

/** Returns a variant as its changes have made it at a time. */
export function variantAt<V extends { readonly changes?: unknown }>(variant: V, atMs: number): V {
  const before = changesOf(variant).filter((change) => change.atMs <= atMs);
  const changed = before.toSorted((a, b) => a.atMs - b.atMs).map(({ atMs: _, ...options }) => options);
  return Object.assign({ ...variant }, ...changed);
}

/** Returns the options of a variant from its start, and those that each change replaces, with their pointers. */
export const optionsOverTime = (variant: Variant, pointer = '') =>
  [variant, ...changesOf(variant)].map((each, index) => ({
    pointer: index === 0 ? pointer : `${pointer}/changes/${index - 1}`,
    policies: each?.policies ?? [],
    consumer: each && 'consumer' in each ? each.consumer : undefined,
  }));
