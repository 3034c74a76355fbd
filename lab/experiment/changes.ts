import { differingKeys, type Flat, flatten } from '#lab/kit/text/flatten.ts';
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

/** Returns the times at which a variant changes, each with its differences: `retry.maxRetries 1, + breaker, no budget`. */
export const changeTexts = <V extends { readonly changes?: unknown }>(variant: V) =>
  changesOf(variant).map(({ atMs }) => {
    const [before, after] = [atMs - 1, atMs].map((ms) => {
      const { changes: _, ...options } = variantAt(variant, ms);
      return flatten(options);
    }) as [Flat, Flat];
    const texts = differingKeys(before, after).flatMap((key) => {
      const [added, removed] = [before, after].map((other) => missingPart(other, key));
      if (added !== undefined) return `+ ${added}`;
      if (removed !== undefined) return `no ${removed}`;
      // The list of policies says nothing that its entries don't say.
      return key === 'policies' ? [] : `${key.split('.').slice(-2).join('.')} ${after.get(key)}`;
    });
    return { atMs, text: [...new Set(texts)].join(', ') };
  });

/** Returns the name of the outermost part of a key that a configuration lacks: `budget` of `policies.retry.budget.ratio`. */
function missingPart(flat: Flat, key: string): string | undefined {
  const parts = key.split('.');
  return parts.find((_, index) => {
    const path = parts.slice(0, index + 1).join('.');
    return !flat.keys().some((other) => other === path || other.startsWith(`${path}.`));
  });
}
